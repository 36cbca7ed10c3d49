package pcsc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"

	"inkan/core/wire"
)

// An image file is "inkanCRD", version 01, the profile's name (length, 1 byte),
// the card's number (4), and a snapshot of the non-volatile memory as spec/NVM.md
// has it, to the end.
const (
	imageFormat = "card image"
	imageMagic  = "inkanCRD\x01"
)

var profileName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// Image is a card between two runs.
type Image struct {
	Profile  string // name of the card's profile: a to z, digits, -
	Number   uint32 // of the card within the profile
	Snapshot []byte // of the non-volatile memory: nvm.Restore
}

// Append appends the image as a file has it. It fails for a name that no profile
// has. Spec: SPEC-PCSC-020.
func (i *Image) Append(dst []byte) ([]byte, error) {
	if !profileName.MatchString(i.Profile) {
		return dst, fmt.Errorf("pcsc: %q is no name of a profile", i.Profile)
	}
	dst = append(dst, imageMagic...)
	dst = append(append(dst, byte(len(i.Profile))), i.Profile...)
	dst = binary.BigEndian.AppendUint32(dst, i.Number)
	return append(dst, i.Snapshot...), nil
}

// DecodeImage reads what Append wrote; what the snapshot says is not looked at.
// Errors are *wire.DecodeError. Spec: SPEC-PCSC-020.
func DecodeImage(b []byte) (Image, error) {
	r := wire.NewReader(imageFormat, b)
	if !bytes.Equal(r.Bytes(len(imageMagic), "magic"), []byte(imageMagic)) {
		r.FailAt(0, "magic", fmt.Sprintf("%q", imageMagic), "something else")
	}
	at := r.Offset()
	name := r.LV("profile")
	if r.Err() == nil && !profileName.Match(name) {
		r.FailAt(at, "profile", "1 to 32 of a to z, 0 to 9, -", "something else")
	}
	number := uint32(r.Uint16("number"))<<16 | uint32(r.Uint16("number"))
	i := Image{Profile: string(name), Number: number, Snapshot: r.Rest()}
	if err := r.Err(); err != nil {
		return Image{}, err
	}
	return i, nil
}

// File is an image file that this process has for itself until Close.
type File struct {
	Path string
	lock *os.File
}

// ErrInUse: another process serves the card of this image.
var ErrInUse = errors.New("another process has the card of this image; a card can be in one reader only")

// OpenFile takes an image file, which need not exist. Another process that wants
// it gets ErrInUse. The lock is on a file beside it, with .lock at its end, since
// saving replaces the image. Spec: SPEC-PCSC-023.
func OpenFile(path string) (*File, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, ErrInUse), lock.Close())
	}
	return &File{path, lock}, nil
}

// Close gives the file back.
func (f *File) Close() error { return f.lock.Close() }

// Read reads the image; nil when there is none yet.
func (f *File) Read() (*Image, error) {
	b, err := os.ReadFile(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i, err := DecodeImage(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	return &i, nil
}

// Write replaces the image, so that whatever happens the file is the old one or
// the new one: it is written beside it, brought to the disk, and renamed.
// Spec: SPEC-PCSC-021.
func (f *File) Write(i *Image) (err error) {
	content, err := i.Append(nil)
	if err != nil {
		return err
	}
	folder := filepath.Dir(f.Path)
	next, err := os.CreateTemp(folder, "."+filepath.Base(f.Path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(next.Name()))
		}
	}()
	_, err = next.Write(content)
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	if err = os.Rename(next.Name(), f.Path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder brings the renaming to the disk.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
