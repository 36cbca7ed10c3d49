package usim

import (
	"encoding/binary"
	"errors"
	"fmt"

	"inkan/core/uicc"
	"inkan/core/wire"
	"inkan/sim/vm"
)

// formatVersion is the first byte of the directory, the one record of the UICC:
//
//	version(1) PIN array(2) authentication array(2) number of keys(1)
//	each key: reference(1)
//	each file: identifier(2) parent(1) structure(1) SFI(1) rule's EF ARR(2) and
//	record(1) size(2) record length(1) records(1) body(2) LV AID
const formatVersion = 1

const noParent = 0xFF

// format writes Config's files and PINs. Only the directory makes them a UICC:
// arrays of a format that was cut are found by nobody and collected.
func (u *UICC) format() (directory []byte, err error) {
	u.machine.RequestObjectDeletion()
	thrown := u.machine.Try(func() { directory, err = u.write() })
	if thrown != nil {
		return nil, fmt.Errorf("usim: the files do not fit in the memory: %w", thrown)
	}
	return directory, err
}

func (u *UICC) write() ([]byte, error) {
	authentication := u.writeAuthentication()
	d := u.appendRef([]byte{formatVersion}, u.writePINs())
	d = u.appendRef(d, authentication)
	d = append(d, byte(len(u.cfg.PINs)))
	for i := range u.cfg.PINs {
		d = append(d, byte(u.cfg.PINs[i].Key))
	}
	bodies := make([]vm.Ref, len(u.cfg.Files))
	for i := range u.cfg.Files {
		f := &u.cfg.Files[i]
		switch {
		case f.SameAs > 0:
			bodies[i] = bodies[f.SameAs]
		case f.Structure != uicc.Directory:
			bodies[i] = u.array(f.image())
		}
		parent := byte(f.Parent)
		if f.Parent < 0 {
			parent = noParent
		}
		d = append(f.ID.Append(d), parent, byte(f.Structure), byte(f.SFI))
		d = append(f.Rule.File.Append(d), f.Rule.Record)
		d = append(binary.BigEndian.AppendUint16(d, uint16(f.bytes())), byte(f.RecordBytes), byte(f.Records))
		d = append(append(u.appendRef(d, bodies[i]), byte(len(f.AID))), f.AID...)
	}
	return d, u.machine.PutRecord(u.cfg.RecordKind, nil, d)
}

func (u *UICC) appendRef(d []byte, r vm.Ref) []byte {
	return binary.BigEndian.AppendUint16(d, uint16(r))
}

// array makes an array with content; it is a root until the next boot.
func (u *UICC) array(content []byte) vm.Ref {
	ref := u.machine.NewArray(vm.JCRE, vm.ByteArray, int16(len(content)))
	u.machine.AddRoot(ref)
	u.machine.WriteBytesNonAtomic(ref, 0, content)
	return ref
}

// image is a body as the file begins.
func (f *File) image() []byte {
	b := make([]byte, bodyContent+f.bytes())
	b[bodyState] = byte(uicc.Activated)
	for i := range b[bodyContent:] {
		b[bodyContent+i] = 0xFF
	}
	for i, c := range f.Content {
		copy(b[bodyContent+i*f.RecordBytes:], c)
	}
	return b
}

// read takes the directory and keeps the arrays from being collected.
func (u *UICC) read(directory []byte) error {
	r := wire.NewReader("UICC directory", directory)
	if v := r.Byte("version"); r.Err() == nil && v != formatVersion {
		return errors.New("usim: the memory has a UICC of another format")
	}
	u.pins = vm.Ref(r.Uint16("PINs"))
	u.auth = vm.Ref(r.Uint16("authentication"))
	u.keys = u.keys[:0]
	for n := r.Byte("keys"); n > 0 && r.Err() == nil; n-- {
		u.keys = append(u.keys, key(r.Byte("key")))
	}
	u.files = u.files[:0]
	for r.More() {
		u.files = append(u.files, readFile(&r))
	}
	if err := r.End(); err != nil {
		return err
	}
	u.keep(u.pins)
	u.keep(u.auth)
	for i := range u.files {
		u.files[i].arr = u.findRule(i)
		u.keep(u.files[i].body)
	}
	return nil
}

func (u *UICC) keep(ref vm.Ref) {
	if ref != vm.Null {
		u.machine.AddRoot(ref)
	}
}

func readFile(r *wire.Reader) (f file) {
	f.id = uicc.FileID(r.Uint16("identifier"))
	f.parent = int16(r.Byte("parent"))
	if f.parent == noParent {
		f.parent = none
	}
	f.structure, f.sfi = uicc.Structure(r.Byte("structure")), uicc.SFI(int8(r.Byte("SFI")))
	f.rule = uicc.RuleReference{File: uicc.FileID(r.Uint16("EF ARR")), Record: r.Byte("rule")}
	f.size, f.recordBytes, f.records = int(r.Uint16("size")), int(r.Byte("record length")), int(r.Byte("records"))
	f.body = vm.Ref(r.Uint16("body"))
	f.aid = r.LV("AID")
	return f
}

// findRule finds the EF ARR that a file's rule names: in its directory, or in one
// above it.
func (u *UICC) findRule(i int) int16 {
	id := u.files[i].rule.File
	for at := u.files[i].parent; id != 0; at = u.files[at].parent {
		directory := at
		if directory < 0 { // the MF's own rule
			directory = 0
		}
		if arr := u.child(directory, id); arr >= 0 {
			return arr
		}
		if at < 0 {
			break
		}
	}
	return none
}
