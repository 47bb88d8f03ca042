#include "CCrypto.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

struct millrace_public_key;

static EVP_PKEY *evp(const millrace_public_key *key) { return (EVP_PKEY *)key; }

millrace_public_key *millrace_public_key_read(const uint8_t *der, size_t count) {
  const uint8_t *position = der;
  EVP_PKEY *key = d2i_PUBKEY(NULL, &position, (long)count);
  if (key != NULL && position == der + count) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    int sound = context != NULL && EVP_PKEY_public_check_quick(context) == 1;
    EVP_PKEY_CTX_free(context);
    if (sound) return (millrace_public_key *)key;
  }
  EVP_PKEY_free(key);
  ERR_clear_error();
  return NULL;
}

void millrace_public_key_free(millrace_public_key *key) { EVP_PKEY_free((EVP_PKEY *)key); }

int millrace_public_key_bits(const millrace_public_key *key) { return EVP_PKEY_get_bits(evp(key)); }

// OpenSSL takes ECDSA's two numbers as a DER sequence.
static int der_signature(const uint8_t *signature, size_t count, uint8_t **der) {
  int half = (int)(count / 2);
  ECDSA_SIG *pair = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(signature, half, NULL);
  BIGNUM *s = BN_bin2bn(signature + half, half, NULL);
  int length = -1;
  if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
    r = NULL;
    s = NULL;
    length = i2d_ECDSA_SIG(pair, der);
  }
  BN_free(r);
  BN_free(s);
  ECDSA_SIG_free(pair);
  return length;
}

static const EVP_MD *message_digest(int digest) {
  switch (digest) {
    case 256: return EVP_sha256();
    case 384: return EVP_sha384();
    case 512: return EVP_sha512();
    default: return NULL;
  }
}

static int is_kind(const millrace_public_key *key, millrace_signature kind) {
  switch (kind) {
    case millrace_rsa_pkcs1:
    case millrace_rsa_pss: return EVP_PKEY_get_base_id(evp(key)) == EVP_PKEY_RSA;
    case millrace_ecdsa: return EVP_PKEY_get_base_id(evp(key)) == EVP_PKEY_EC;
    case millrace_ed25519: return EVP_PKEY_get_base_id(evp(key)) == EVP_PKEY_ED25519;
  }
  return 0;
}

int millrace_public_key_verify(
    const millrace_public_key *key, millrace_signature kind, int digest, const uint8_t *signature,
    size_t signature_count, const uint8_t *bytes, size_t count) {
  if (!is_kind(key, kind)) return 0;
  const EVP_MD *md = kind == millrace_ed25519 ? NULL : message_digest(digest);
  if (md == NULL && kind != millrace_ed25519) return 0;

  uint8_t *der = NULL;
  if (kind == millrace_ecdsa) {
    // Both numbers are as long as the curve's order.
    if (signature_count != 2 * (size_t)((EVP_PKEY_get_bits(evp(key)) + 7) / 8)) return 0;
    int length = der_signature(signature, signature_count, &der);
    if (length <= 0) return 0;
    signature = der;
    signature_count = (size_t)length;
  }

  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *options = NULL;
  int valid = context != NULL && EVP_DigestVerifyInit(context, &options, md, NULL, evp(key)) == 1;
  if (valid && kind == millrace_rsa_pss) {
    // The salt is as long as the digest (RFC 7518, section 3.5).
    valid = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  valid = valid && EVP_DigestVerify(context, signature, signature_count, bytes, count) == 1;
  EVP_MD_CTX_free(context);
  OPENSSL_free(der);
  ERR_clear_error();
  return valid;
}

int millrace_sha256(const uint8_t *bytes, size_t count, uint8_t *digest) {
  unsigned int length = 0;
  return EVP_Digest(bytes != NULL ? bytes : digest, count, digest, &length, EVP_sha256(), NULL) == 1 && length == 32;
}

int millrace_sha1(const uint8_t *bytes, size_t count, uint8_t *digest) {
  unsigned int length = 0;
  return EVP_Digest(bytes, count, digest, &length, EVP_sha1(), NULL) == 1 && length == 20;
}

int millrace_hmac_sha256(
    const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t *digest) {
  unsigned int length = 0;
  return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, digest, &length) != NULL && length == 32;
}

int millrace_base64_encode(const uint8_t *bytes, size_t count, uint8_t *text) {
  return EVP_EncodeBlock(text, bytes, (int)count);
}

int millrace_base64_decode(const uint8_t *text, size_t count, uint8_t *bytes) {
  return EVP_DecodeBlock(bytes, text, (int)count);
}
