// Package profile is the differences between carriers' SIM cards, as data: secure
// channel, length and diversification of keys, deployment model, memory, block
// size, silicon. The carriers are fictitious and so are their keys: whoever has
// this source can compute them. One package of the JPKI application serves all.
//
// It must not know what happens on a card; it makes configurations of the card
// operating system. It implements spec/PROFILES.md.
package profile
