// Package enrolment plays one person's way through the whole model: from the
// municipality's register to a My Number Card, to an application signed with it, to
// a key and certificate in the SIM of a phone, to a login at a bank, and through
// what may happen afterwards. Every party is there and speaks to the others by what
// the specs say: signed messages, commands to cards, published lists and answers.
// Everything that was issued is written out, with the commands by which openssl
// confirms it.
//
// It must not decide anything in a party's place: it brings them together. Keys and
// persons are for demonstrations. It plays spec/CA.md, spec/APPLICATION.md,
// spec/PERSO.md, spec/IDCARD.md and spec/RELYING-PARTY.md.
package enrolment
