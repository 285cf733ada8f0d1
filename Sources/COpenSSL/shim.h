#ifndef EKAI_COPENSSL_SHIM_H
#define EKAI_COPENSSL_SHIM_H
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#endif
