// Package uicc is the vocabulary of the UICC's file system and toolkit session
// for both ends of the pipe (ETSI TS 102 221, TS 102 223, 3GPP TS 31.102): file
// identifiers, the FCP template, access rules, the coding of elementary files,
// typed commands, and what toolkit commands and their responses share.
//
// It must not know how a card stores files or decides anything, nor the short
// messages that a toolkit session carries (package sms). It implements
// spec/USIM.md.
package uicc
