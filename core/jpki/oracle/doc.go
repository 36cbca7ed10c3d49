// Package oracle says what the JPKI application answers: a model of the
// application at the card's edge, to compare any implementation with, on a
// simulated card or a foreign one.
//
// A Model is a state. Step and Store give for a command what is Expected: the
// status word, the data or a condition on it, and the state afterwards. What
// only the card can choose (points, challenges, moduli, signatures) the model
// learns from the responses and verifies. It has no randomness of its own, and
// it knows the private keys of the certificate authority that it is made with,
// so that it can open envelopes.
//
// It must not know any implementation, the secure channel (whoever drives it
// says what level a session has), or how a host builds orders and envelopes:
// it reads spec/JPKI-AP.md and spec/PERSO.md for itself. It implements those
// two documents.
package oracle
