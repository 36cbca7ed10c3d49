// Package cardsigner signs with a key of the JPKI application on any apdu.Card,
// as a crypto.Signer: what crypto/x509, crypto/tls and a CMS writer take. It
// selects the application and verifies the PIN for each signature anew, and does not
// lock a holder out with a PIN that was wrong before.
//
// It must not know whose card it is, nor what is signed. It implements the signer
// of spec/IDCARD.md.
package cardsigner
