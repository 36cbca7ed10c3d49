// Package fleet is many phones in one world at the same time, each with a person, a My
// Number Card, a SIM and a life of its own, most of them with some trouble: messages
// that are lost, doubled, late or forged, servers that die, cards that lose power,
// networks that go away, full SIMs, wrong PINs, applications that are given up. All of
// it follows from one seed.
//
// It must not decide how parties behave, only what people do and what goes wrong. It
// implements spec/FLEET.md.
package fleet
