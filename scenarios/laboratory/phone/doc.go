// Package phone is a phone in real time, with a SIM and the UI app, in the hand of a
// resident with a My Number Card: it speaks to a laboratory that another process serves,
// by TLS and signed messages only.
//
// It must not know anything of that process but what its folder says. It implements
// spec/SERVE.md, section "Phone".
package phone
