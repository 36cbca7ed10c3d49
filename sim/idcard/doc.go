// Package idcard is the My Number Card (マイナンバーカード) as a card: chip,
// operating system, answers to reset, and the CAP files that belong on it. The
// JPKI application is the one of the SIM, in card form.
//
// It must not know how a card is loaded and personalised, nor whose it is: hosts
// do that by commands. It implements the card of spec/IDCARD.md.
package idcard
