package store

import (
	"encoding/binary"
	"strings"
	"time"

	"inkan/core/tsmp"
	"inkan/tsm/store/row"
)

// Codes of tables and indexes: the byte of a key after the tenant. Capital letters
// are indexes.
const (
	codeApplications  = 'a'
	codeCalls         = 'c'
	codeDevices       = 'd'
	codeEvidence      = 'e'
	codeHead          = 'h'
	codeEntries       = 'j'
	codeLanes         = 'l'
	codeMessages      = 'm'
	codePseudonyms    = 'p'
	codePrograms      = 'r'
	codeServices      = 's'
	codeSubscribers   = 'u'
	codeSIMs          = 'v'
	codeWorkflows     = 'w'
	codeByVerified    = 'A'
	codeOfPseudonym   = 'B'
	codeOpenUntil     = 'C'
	codeOfSE          = 'D'
	codeByPhone       = 'E'
	codeOfSubscriber  = 'F'
	codeInState       = 'G'
	codeByICCID       = 'H'
	codeOfContract    = 'I'
	codeEntriesOf     = 'J'
	codeByMSISDN      = 'K'
	codeByIMSI        = 'L'
	codeByContract    = 'M'
	codeDevicesOfSE   = 'N'
	codeWorkflowsDue  = 'O'
	codeWorkflowsOf   = 'P'
	codeByCall        = 'Q'
	codeOfWorkflow    = 'R'
	codeLanesDue      = 'S'
	codeApplicationOf = 'T'
)

// Codes of what belongs to no tenant: number 0.
const (
	codeSchema  = 's'
	codeTenants = 't'
	codeCursor  = 'x'
	codeMarker  = 'y'
)

// tenantLen is the length of the number of a tenant, with which keys begin.
const tenantLen = 4

func tenantPrefix(number uint32) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, 0, tenantLen), number)
}

// sysKey is a key of no tenant.
func sysKey(code byte, rest string) []byte { return append(append(tenantPrefix(0), code), rest...) }

func appendUint64(dst []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(dst, v) }

// appendTime appends a time so that keys sort by it. What no row can have, before
// 1970 or after 2262, is the first or last of times.
func appendTime(dst []byte, t time.Time) []byte {
	switch {
	case t.Unix() < 0:
		return appendUint64(dst, 0)
	case t.Unix() >= lastSecond:
		return appendUint64(dst, 1<<63)
	}
	return appendUint64(dst, uint64(t.UnixNano()))
}

// lastSecond is the last one of which nanoseconds since 1970 fit into 63 bits.
const lastSecond = (1<<63 - 1) / 1_000_000_000

// appendText appends a text and 00, so that no text's keys begin with another's.
// Rows have no text with 00 in a key; whoever asks for one finds nothing, as FF is
// in no text at all.
func appendText[T ~string](dst []byte, s T) []byte {
	return append(append(dst, strings.ReplaceAll(string(s), "\x00", "\xFF")...), 0)
}

// appendID appends an identifier of fixed length.
func appendID[T ~[16]byte](dst []byte, id T) []byte {
	b := [16]byte(id)
	return append(dst, b[:]...)
}

func appendMessageKey(dst []byte, k row.MessageKey) []byte {
	return appendUint64(appendText(dst, k.Destination), k.Number)
}

func appendProgramKey(dst []byte, k row.ProgramKey) []byte {
	return binary.BigEndian.AppendUint32(appendID(dst, k.Workflow), k.Part)
}

func appendCallKey(dst []byte, k tsmp.CallKey) []byte {
	return appendID(appendText(dst, k.Sender), k.ID)
}

// Contract is one SP-TSM's view of one contract.
type Contract struct {
	Provider   tsmp.PartyID
	Subscriber row.SubscriberID
}

func appendContract(dst []byte, c Contract) []byte {
	return appendID(appendText(dst, c.Provider), c.Subscriber)
}
