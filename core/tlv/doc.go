// Package tlv reads and writes the tag-length-value forms that cards speak:
// BER-TLV, SIMPLE-TLV and LV (ISO/IEC 7816-4), COMPREHENSION-TLV (ETSI TS
// 101 220) and the data groupings of personalisation, DGI (EMV CPS, used by
// GlobalPlatform STORE DATA).
//
// Readers walk without allocation and lend slices of their input; a fault is a
// *wire.DecodeError that names the path of tags and the offset in the whole
// input. Writers append to the caller's buffer.
//
// It must not know the meaning of any tag. It implements spec/TLV.md.
package tlv
