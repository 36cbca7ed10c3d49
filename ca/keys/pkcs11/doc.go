// Package pkcs11 is a keys.Store in a hardware module that is reached by
// PKCS #11 (Cryptoki 2.40): RSA signatures and key agreement happen in the
// module, and no private key leaves it.
//
// The module is a shared library that runs in this process. It is loaded without
// cgo, by package purego; a program that imports this package is therefore
// linked dynamically against the C library (decision 16), which is why the
// package is one of its own.
//
// It must not know what is signed. It implements spec/CA-KEYS.md §Hardware
// modules.
package pkcs11
