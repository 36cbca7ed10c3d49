// Package remote is the secured data of a secured packet for remote management
// (ETSI TS 102 226): command scripts and their responses, in the compact and in
// the expanded format, and the execution of a script on a card.
//
// It must not know how a packet is protected; that is scp80. It implements
// spec/SCP80.md, sections "Compact format" and "Expanded format".
package remote
