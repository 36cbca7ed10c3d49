package usim

import (
	"bytes"

	"inkan/core/apdu"
	"inkan/core/uicc"
)

const (
	none         = -1
	root         = 0 // index of the MF
	channelCount = apdu.MaxChannel + 1
)

// session is who sends commands: a logical channel, or a remote one. The zero
// session has nothing selected yet.
type session struct {
	used        bool
	directory   int16  // current
	file        int16  // current EF; none
	application int16  // ADF that is active; none
	record      byte   // record pointer; 0: none
	rights      rights // nil: the card's verified PINs
}

// rights is what a remote session has instead of the card's verified PINs.
type rights interface {
	uicc.Keys
	setVerified(key uicc.KeyReference, verified bool)
}

// begin selects a directory.
func (s *session) begin(directory, application int16) {
	s.used, s.directory, s.application, s.file, s.record = true, directory, application, none, 0
}

// on is the session of a logical channel; one that was not used yet has the MF
// selected. Spec: SPEC-USIM-005.
func (u *UICC) on(channel int) *session {
	s := &u.channels[channel]
	if !s.used {
		s.begin(root, none)
	}
	return s
}

// child finds a file of a directory by its identifier, or none. ADFs have none
// there.
func (u *UICC) child(directory int16, id uicc.FileID) int16 {
	for i := range u.files {
		if f := &u.files[i]; f.id == id && f.parent == directory && len(f.aid) == 0 {
			return int16(i)
		}
	}
	return none
}

// bySFI finds an EF of a directory by its short file identifier, or none.
// Spec: SPEC-USIM-061.
func (u *UICC) bySFI(directory int16, sfi uicc.SFI) int16 {
	for i := range u.files {
		f := &u.files[i]
		if f.parent != directory || f.isDirectory() {
			continue
		}
		own := f.sfi
		if own == uicc.SFIFromFileID {
			own = uicc.SFI(f.id & 0x1F)
		}
		if own == sfi {
			return int16(i)
		}
	}
	return none
}

// byName finds an ADF whose AID begins with a name: the occurrence that b2-b1 of
// P2 mean, seen from the application that is active. An equal AID comes first.
// Spec: SPEC-USIM-046, SPEC-USIM-047.
func (u *UICC) byName(name []byte, p2 byte, active int16) int16 {
	first, last, next, previous := int16(none), int16(none), int16(none), int16(none)
	for i := range u.files {
		f := &u.files[i]
		if len(f.aid) == 0 || len(name) == 0 || !bytes.HasPrefix(f.aid, name) {
			continue
		}
		at := int16(i)
		if first == none || len(f.aid) == len(name) {
			first = at
		}
		if last = at; at < active {
			previous = at
		}
		if at > active && next == none {
			next = at
		}
	}
	switch p2 & 0x03 {
	case uicc.SelectLast:
		return last
	case uicc.SelectNext:
		return next
	case uicc.SelectPrevious:
		return previous
	}
	return first
}

// reachable finds a file by its identifier as SELECT sees it from the current
// directory. Spec: SPEC-USIM-044.
func (u *UICC) reachable(s *session, id uicc.FileID) int16 {
	d := &u.files[s.directory]
	switch id {
	case uicc.MF:
		return root
	case uicc.ADF:
		return s.application
	case d.id:
		if len(d.aid) == 0 {
			return s.directory
		}
	}
	if i := u.child(s.directory, id); i >= 0 {
		return i
	}
	if d.parent < 0 {
		return none
	}
	if p := &u.files[d.parent]; p.id == id && len(p.aid) == 0 {
		return d.parent
	}
	if i := u.child(d.parent, id); i >= 0 && u.files[i].isDirectory() {
		return i
	}
	return none
}

// byPath follows identifiers from a directory, or none. Only the last may be an
// EF; an ADF is named 7FFF, first. Spec: SPEC-USIM-045.
func (u *UICC) byPath(s *session, from int16, path []byte) int16 {
	if len(path) == 0 || len(path)%2 != 0 {
		return none
	}
	for at := 0; at < len(path); at += 2 {
		id := uicc.FileID(path[at])<<8 | uicc.FileID(path[at+1])
		switch {
		case from == none || !u.files[from].isDirectory():
			return none
		case id == uicc.ADF && at == 0 && from == root:
			from = s.application
		default:
			from = u.child(from, id)
		}
	}
	return from
}
