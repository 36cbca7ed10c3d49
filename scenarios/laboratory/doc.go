// Package laboratory is what a laboratory's service managers, carriers and SIMs are
// made of, as data that follows from the carriers' profiles: kinds of cards, devices,
// offers, master keys in HSMs, the provider's domain, the maker's certificates, access
// rules. Everything in it is TEST ONLY: keys follow from names.
//
// It must not know how parties speak to each other, nor what time it is. It implements
// spec/SERVE.md, section "What a laboratory is made of".
package laboratory
