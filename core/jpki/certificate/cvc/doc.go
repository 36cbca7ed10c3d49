// Package cvc reads, writes and verifies card-verifiable certificates: what a
// terminal shows a card before it may ask for an authentication without PIN.
//
// Keys are RSA of 2048 bits. It must not know any card, any command, or what day
// it is. It implements spec/CERT-PROFILE.md §Card-verifiable certificates.
package cvc
