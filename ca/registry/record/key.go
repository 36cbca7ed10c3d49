package record

import (
	"encoding/binary"
	"time"

	"inkan/core/jpki/certificate"
)

// Table is the first byte of a key.
type Table byte

// The tables. Those of the first group hold records that the journal's digests
// cover; the second group follows from them; the third is kept beside.
const (
	Persons      Table = 'p'
	Cards        Table = 'd'
	Phones       Table = 'h'
	Certificates Table = 'c'
	Applications Table = 'a'
	Orders       Table = 'o'
	Keys         Table = 'K' // key hash → certificate
	Nonces       Table = 'n' // hash of a nonce → application
	Counters     Table = 'q' // SIM and instance → order counter
	Answers      Table = 'A' // call → answer
	Mailboxes    Table = 'M' // service manager → its notices
	Notices      Table = 'N' // service manager, number → notice

	OfPerson    Table = 'x' // person, certificate
	OfCard      Table = 'y' // card, certificate
	OfPhone     Table = 'z' // phone, certificate
	Listed      Table = 'r' // partition, certificate → revocation
	Partitions  Table = 'P'
	Deadlines   Table = 't' // time, pending certificate
	Erasures    Table = 'E' // phones whose erasure is due
	Generations Table = 'g' // authority's generation → its certificate
	OrdersOf    Table = 'O' // phone, order
	Calls       Table = 'i' // hash of a call → order
	Signed      Table = 'w' // hash of a signed application → application

	Meta      Table = 'm'
	DERs      Table = 'C'
	Envelopes Table = 'e'
	Evidence  Table = 'v'
	Responses Table = 'R'
	Begun     Table = 'b' // hash of a call that was begun → hash of the request
	Journal   Table = 'j'
)

// Journaled are the tables whose records the journal covers: a record there
// begins with the number of the entry that wrote it.
func Journaled() []Table {
	return []Table{Persons, Cards, Phones, Certificates, Applications, Orders, Keys, Nonces, Counters, Answers, Mailboxes, Notices}
}

// Key is a table's key with its parts one after the other.
func (t Table) Key(parts ...[]byte) []byte {
	key := make([]byte, 1, 64)
	key[0] = byte(t)
	for _, p := range parts {
		key = append(key, p...)
	}
	return key
}

// SerialLen is the length of AppendSerial's bytes.
const SerialLen = 9

// AppendSerial appends what names a certificate in keys: authority and serial.
func AppendSerial(dst []byte, a certificate.Authority, serial uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, byte(a)), serial)
}

// CutSerial reads a certificate's name from the end of a key.
func CutSerial(key []byte) (a certificate.Authority, serial uint64) {
	end := key[len(key)-SerialLen:]
	return certificate.Authority(end[0]), binary.BigEndian.Uint64(end[1:])
}

// Serial is the key of a certificate in a table by certificate.
func (t Table) Serial(a certificate.Authority, serial uint64) []byte {
	return AppendSerial(append(make([]byte, 0, 1+SerialLen), byte(t)), a, serial)
}

// OfPartition begins the keys of a partition in Listed: authority, partition, 00.
func OfPartition(a certificate.Authority, partition string) []byte {
	return append(append(Listed.Key([]byte{byte(a)}), partition...), 0)
}

// CutTime reads what AppendTime wrote from the beginning of b.
func CutTime(b []byte) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(b)), 0).UTC()
}

// AppendTime appends seconds since 1970 so that keys sort by time.
func AppendTime(dst []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t.Unix()))
}
