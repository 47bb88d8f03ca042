#ifndef MILLRACE_CTESTCRYPTO_H
#define MILLRACE_CTESTCRYPTO_H

#include <stddef.h>
#include <stdint.h>

// Key pairs and signatures for tests: the half that a server never needs.

typedef struct test_key test_key;

// `kind` is "RSA", "P-256", "P-384", "P-521" or "Ed25519"; bits count for RSA only.
test_key *_Nullable test_key_make(const char *_Nonnull kind, int bits);
void test_key_free(test_key *_Nullable key);

// A public part, big-endian: "n" and "e" of RSA, "pub" of a curve. The number of bytes, 0 when there is none.
size_t test_key_part(
    const test_key *_Nonnull key, const char *_Nonnull name, uint8_t *_Nonnull bytes, size_t capacity);

// Signs as a JWS does. The number of bytes, 0 on failure.
size_t test_key_sign(
    const test_key *_Nonnull key, int digest, int is_pss, const uint8_t *_Nonnull bytes, size_t count,
    uint8_t *_Nonnull signature, size_t capacity);

size_t test_hmac_sha256(
    const uint8_t *_Nonnull key, size_t key_count, const uint8_t *_Nonnull bytes, size_t count,
    uint8_t *_Nonnull digest);

#endif
