// Package personalise puts a key and a certificate into the JPKI application on
// a card and uses them: order, key, certificate of a test authority,
// content under encryption, activation, first PIN, signature. It drives any
// apdu.Card, and measures the card of the model while it does.
//
// It must not decide what the messages are: core/jpki and core/jpki/perso do.
// Its certificate authority issues test certificates only, and its keys follow
// from the seed. It implements the host's side of spec/PERSO.md and the
// sub-command "inkan cap run --personalise".
package personalise
