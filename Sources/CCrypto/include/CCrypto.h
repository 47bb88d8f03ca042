#ifndef MILLRACE_CCRYPTO_H
#define MILLRACE_CCRYPTO_H

#include <stddef.h>
#include <stdint.h>

// Signatures and digests from OpenSSL's libcrypto, which libpq and libcurl use already. Only what Millrace needs: its
// headers, full of macros and variable arguments, stay out of Swift.

typedef struct millrace_public_key millrace_public_key;

typedef enum {
  millrace_rsa_pkcs1 = 1,
  millrace_rsa_pss = 2,
  millrace_ecdsa = 3,
  millrace_ed25519 = 4,
} millrace_signature;

// Reads a SubjectPublicKeyInfo (RFC 5280) in DER. Null unless it is a whole, sound key; a point has to be on its curve.
millrace_public_key *_Nullable millrace_public_key_read(const uint8_t *_Nonnull der, size_t count);
void millrace_public_key_free(millrace_public_key *_Nullable key);
// Bits of an RSA modulus or of a curve.
int millrace_public_key_bits(const millrace_public_key *_Nonnull key);

// Whether the signature of the bytes is this key's. `digest` is 256, 384 or 512; Ed25519 has none. An ECDSA signature
// is the two numbers behind one another, as in a JWS (RFC 7518, section 3.4).
int millrace_public_key_verify(
    const millrace_public_key *_Nonnull key, millrace_signature kind, int digest, const uint8_t *_Nonnull signature,
    size_t signature_count, const uint8_t *_Nonnull bytes, size_t count);

// Writes 32 bytes; 0 on failure. No bytes may have no address.
int millrace_sha256(const uint8_t *_Nullable bytes, size_t count, uint8_t *_Nonnull digest);
// Writes 20 bytes; 0 on failure. For the handshake of WebSocket, which has to use it (RFC 6455); not for secrets.
int millrace_sha1(const uint8_t *_Nonnull bytes, size_t count, uint8_t *_Nonnull digest);
// Writes the 32 bytes of an HMAC with SHA-256; 0 on failure.
int millrace_hmac_sha256(
    const uint8_t *_Nonnull key, size_t key_count, const uint8_t *_Nonnull bytes, size_t count,
    uint8_t *_Nonnull digest);

// Base64 with padding (RFC 4648, section 4). Encoding writes four characters for every three bytes begun and a zero
// behind them, and gives their number. Decoding reads a multiple of four characters, writes three bytes for every
// four, zeros for padding included, and gives their number; -1 for what is no base64.
int millrace_base64_encode(const uint8_t *_Nonnull bytes, size_t count, uint8_t *_Nonnull text);
int millrace_base64_decode(const uint8_t *_Nonnull text, size_t count, uint8_t *_Nonnull bytes);

#endif
