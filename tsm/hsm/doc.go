// Package hsm is what service managers ask of a hardware security module, and a
// module in software. Keys stay in a module: a service manager names them, by a
// master key and the card's diversification data, or by a blob that only the module
// can open.
//
// It must not know any card, transport or workflow, and no key comes out of it but
// enciphered for a card. It implements spec/HSM.md.
package hsm
