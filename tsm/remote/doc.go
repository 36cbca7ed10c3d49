// Package remote carries a sequence of commands out in one security domain of a card
// that is somewhere else: by SCP80 packets, which short messages bring, or by the
// commands of an SCP02 or SCP03 session, which the UI app relays. A Run is a value that
// says how far it is; it has no key and no transport. Whatever is lost on the way, it
// goes on: what a card has done it is asked, by GET STATUS.
//
// It must not know how scripts get to a card, nor what commands are for. It implements
// spec/SCRIPTS.md.
package remote
