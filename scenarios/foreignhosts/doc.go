// Package foreignhosts has tests only: what programs that are not of this project
// send to a card in their usual operations, byte by byte, and what they require of
// the answers. It must not use the project's hosts: its channels are its own, so
// that a mistake that host and card share shows. It verifies spec/UICC-OS.md and
// spec/USIM.md.
package foreignhosts
