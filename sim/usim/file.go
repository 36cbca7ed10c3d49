package usim

import (
	"errors"
	"fmt"

	"inkan/core/uicc"
	"inkan/sim/vm"
)

// File is a file as a card is made with it.
type File struct {
	ID        uicc.FileID
	Parent    int    // index of its directory; -1 of the MF, which is the first file
	AID       []byte // of an ADF
	Structure uicc.Structure
	SFI       uicc.SFI
	Rule      uicc.RuleReference

	Size        int // bytes of a transparent file
	RecordBytes int
	Records     int

	// Content is one element of a transparent file, else one for each record;
	// what is missing is FF. Nothing is longer than its place.
	Content [][]byte
	// SameAs is the index of an earlier file whose content this one shows too; 0:
	// it has its own.
	SameAs int
}

// file is a File in the memory.
type file struct {
	id          uicc.FileID
	parent      int16
	structure   uicc.Structure
	sfi         uicc.SFI
	rule        uicc.RuleReference
	arr         int16 // index of the EF ARR that rule names; -1: none
	recordBytes int
	records     int
	size        int
	body        vm.Ref // array: state(1) head(1) content
	aid         []byte
}

// Layout of a body.
const (
	bodyState   = 0 // life cycle status
	bodyHead    = 1 // of a cyclic file: place of record 1, the youngest
	bodyContent = 2
)

func (f *file) isDirectory() bool { return f.structure == uicc.Directory }

func checkFiles(files []File) error {
	if len(files) == 0 || len(files) > MaxFiles || files[0].ID != uicc.MF || files[0].Parent != -1 {
		return errors.New("usim: want 1 to 255 files, the MF first")
	}
	for i := range files {
		if err := files[i].check(files, i); err != nil {
			return fmt.Errorf("usim: file %d (%v): %w", i, files[i].ID, err)
		}
	}
	return nil
}

func (f *File) check(files []File, i int) error {
	switch {
	case i > 0 && (f.Parent < 0 || f.Parent >= i || files[f.Parent].Structure != uicc.Directory):
		return errors.New("want an earlier directory as parent")
	case f.SFI < uicc.NoSFI || f.SFI > 30:
		return errors.New("want an SFI of 1 to 30")
	case len(f.AID) > 16 || len(f.AID) > 0 && (f.Structure != uicc.Directory || f.Parent != 0):
		return errors.New("want an AID of up to 16 bytes, of a directory of the MF only")
	case f.SameAs < 0 || f.SameAs >= max(i, 1):
		return errors.New("want an earlier file to share content with")
	case f.SameAs > 0 && (files[f.SameAs].Structure != f.Structure || f.Size != files[f.SameAs].Size ||
		f.RecordBytes != files[f.SameAs].RecordBytes || f.Records != files[f.SameAs].Records):
		return errors.New("want the size of the file whose content it shares")
	}
	for j := range files[:i] {
		if g := &files[j]; g.ID == f.ID && g.Parent == f.Parent && len(f.AID) == 0 {
			return errors.New("want another identifier than the directory has already")
		}
	}
	return f.checkContent()
}

func (f *File) checkContent() error {
	places, room := 1, f.Size
	switch f.Structure {
	case uicc.Directory:
		places, room = 0, 0
	case uicc.Transparent:
		if f.Size < 1 || f.Size > MaxFileBytes {
			return fmt.Errorf("want 1 to %d bytes", MaxFileBytes)
		}
	default:
		if f.RecordBytes < 1 || f.RecordBytes > maxRecordBytes || f.Records < 1 || f.Records > 254 || f.RecordBytes*f.Records > MaxFileBytes {
			return errors.New("want 1 to 254 records of 1 to 255 bytes")
		}
		places, room = f.Records, f.RecordBytes
	}
	if len(f.Content) > places {
		return fmt.Errorf("content for %d places of %d", len(f.Content), places)
	}
	for _, c := range f.Content {
		if len(c) > room {
			return fmt.Errorf("content of %d bytes in a place of %d", len(c), room)
		}
	}
	return nil
}

// bytes is the size of the content.
func (f *File) bytes() int {
	if f.Structure == uicc.Transparent {
		return f.Size
	}
	return f.RecordBytes * f.Records
}
