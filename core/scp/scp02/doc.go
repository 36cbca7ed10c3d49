// Package scp02 is GlobalPlatform's Secure Channel Protocol '02', host and
// card side by side: opening by INITIALIZE UPDATE and EXTERNAL AUTHENTICATE,
// C-MAC and command encryption, R-MAC, and sensitive data under the data
// encryption key.
//
// It must not know any other instruction, nor where keys and counters are
// kept. It implements spec/SCP02.md (GlobalPlatform Card Specification 2.3.1
// appendix E).
package scp02
