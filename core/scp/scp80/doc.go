// Package scp80 is the secure channel over the air: the secured packets of
// ETSI TS 102 225 with the SMS binding of 3GPP TS 31.115, for both ends. Host
// is the sending entity (a server: seals commands, opens proofs of receipt),
// Card the receiving entity.
//
// It must not know what bearer brings a packet (see core/sms) nor what the
// secured data means (see scp80/remote). It implements spec/SCP80.md.
package scp80
