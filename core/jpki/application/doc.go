// Package application is what an applicant signs with the card's signature key:
// the fields and their encoding, the text that the applicant sees, the signed
// message, and the checks of whoever receives it. It also has what the authority
// sends back to the phone that the application came from, past everybody between:
// the code for the PIN.
//
// It must not know any store, clock or chain of certificates, nor who may have
// what he applies for. It implements spec/APPLICATION.md.
package application
