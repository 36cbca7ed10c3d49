// Package omapi is the way of a handset's applications to applications of the SIM: the
// Open Mobile API with readers, sessions and channels, and the access control
// enforcer, which lets an application do what the rules on the card say and nothing
// without a rule.
//
// It must not know what applications say to each other, nor how rules get onto the
// card. It implements spec/HANDSET.md, section "OMAPI"; rules are those of
// spec/ARAM.md.
package omapi
