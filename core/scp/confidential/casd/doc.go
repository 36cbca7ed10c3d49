// Package casd is the certificate of a card's controlling authority (data object 7F21
// of the controlling authority's security domain): which key a provider agrees on keys
// with, and which key attests, on which card. The card's maker signs it.
//
// It must not know who asks, nor what is agreed on. It implements spec/INSTANCE.md
// §Certificate of the controlling authority.
package casd
