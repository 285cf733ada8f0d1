#ifndef EKAI_COPENSSL_SHIM_H
#define EKAI_COPENSSL_SHIM_H
#include <openssl/bio.h>
#include <openssl/buffer.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* OpenSSL offers much of its interface as macros with arguments, which Swift cannot import: each gets a function of the same meaning. No logic. */

static inline long ekai_ssl_ctx_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}
static inline long ekai_ssl_ctx_set_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_mode(context, mode);
}
static inline long ekai_ssl_ctx_set_session_cache_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_session_cache_mode(context, mode);
}
static inline long ekai_ssl_ctx_add0_chain_cert(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add0_chain_cert(context, certificate);
}
static inline uint64_t ekai_ssl_ctx_forbid_renegotiation(SSL_CTX *context) {
    return SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}
static inline long ekai_ssl_set_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}
static inline long ekai_bio_get_mem_data(BIO *bio, char **data) {
    return BIO_get_mem_data(bio, data);
}
static inline BUF_MEM *ekai_bio_get_mem_ptr(BIO *bio) {
    BUF_MEM *buffer = 0;
    BIO_get_mem_ptr(bio, &buffer);
    return buffer;
}
static inline long ekai_bio_replace_mem(BIO *bio, BUF_MEM *buffer) {
    return BIO_set_mem_buf(bio, buffer, BIO_CLOSE);
}
static inline int ekai_bio_tell(BIO *bio) { return BIO_tell(bio); }
static inline int ekai_bio_seek(BIO *bio, int position) { return BIO_seek(bio, position); }
static inline EVP_PKEY *ekai_ec_key_generate(const char *curve) { return EVP_EC_gen(curve); }
#endif
