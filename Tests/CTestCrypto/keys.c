#include "CTestCrypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <string.h>

static EVP_PKEY *evp(const test_key *key) { return (EVP_PKEY *)key; }

test_key *test_key_make(const char *kind, int bits) {
  if (strcmp(kind, "RSA") == 0) return (test_key *)EVP_RSA_gen((unsigned int)bits);
  if (strcmp(kind, "Ed25519") == 0) return (test_key *)EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  return (test_key *)EVP_EC_gen(kind);
}

void test_key_free(test_key *key) { EVP_PKEY_free((EVP_PKEY *)key); }

size_t test_key_part(const test_key *key, const char *name, uint8_t *bytes, size_t capacity) {
  if (strcmp(name, "pub") != 0) {
    BIGNUM *number = NULL;
    size_t count = 0;
    if (EVP_PKEY_get_bn_param(evp(key), name, &number) == 1 && (size_t)BN_num_bytes(number) <= capacity) {
      count = (size_t)BN_bn2bin(number, bytes);
    }
    BN_free(number);
    return count;
  }
  size_t count = capacity;
  if (EVP_PKEY_get_base_id(evp(key)) == EVP_PKEY_ED25519) {
    return EVP_PKEY_get_raw_public_key(evp(key), bytes, &count) == 1 ? count : 0;
  }
  return EVP_PKEY_get_octet_string_param(evp(key), OSSL_PKEY_PARAM_PUB_KEY, bytes, capacity, &count) == 1 ? count : 0;
}

size_t test_key_sign(
    const test_key *key, int digest, int is_pss, const uint8_t *bytes, size_t count, uint8_t *signature,
    size_t capacity) {
  int is_ed25519 = EVP_PKEY_get_base_id(evp(key)) == EVP_PKEY_ED25519;
  const EVP_MD *md = is_ed25519 ? NULL : digest == 256 ? EVP_sha256() : digest == 384 ? EVP_sha384() : EVP_sha512();
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  size_t length = capacity;
  int done = EVP_DigestSignInit(context, &options, md, NULL, evp(key)) == 1;
  if (done && is_pss) {
    done = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  done = done && EVP_DigestSign(context, signature, &length, bytes, count) == 1;
  EVP_MD_CTX_free(context);
  if (!done) return 0;
  if (EVP_PKEY_get_base_id(evp(key)) != EVP_PKEY_EC) return length;
  const uint8_t *position = signature;
  ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &position, (long)length);
  if (pair == NULL) return 0;
  int half = (EVP_PKEY_get_bits(evp(key)) + 7) / 8;
  const BIGNUM *r, *s;
  ECDSA_SIG_get0(pair, &r, &s);
  BN_bn2binpad(r, signature, half);
  BN_bn2binpad(s, signature + half, half);
  ECDSA_SIG_free(pair);
  return 2 * (size_t)half;
}

size_t test_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t *digest) {
  unsigned int length = 0;
  return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, digest, &length) == NULL ? 0 : length;
}
