package usim

import (
	"errors"
	"fmt"

	"inkan/core/sms"
	"inkan/sim/engine"
	"inkan/sim/runtime"
	"inkan/sim/vm"
)

// Config is what a UICC is made of.
type Config struct {
	Chip *engine.Chip // never nil

	// RecordKind is the kind of the machine's records that is the UICC's alone.
	RecordKind byte

	// Files and PINs are what the first boot writes; later boots find it in the
	// memory and do not look at them. Profile.Build makes both.
	Files []File
	PINs  []PINConfig

	// Authentication is what AUTHENTICATE works with, written by the first boot; nil:
	// the card does not know the command.
	Authentication *Authentication

	// OTA gets short messages; nil: they are accepted and forgotten.
	OTA OTA
	// Reassembly bounds the concatenated messages under way, which are in RAM;
	// zero: 2 messages of 8 parts, given up after 32 further messages.
	Reassembly sms.ReassemblerConfig
}

// Limits of files.
const (
	MaxFiles       = 255
	MaxFileBytes   = 0x7000 // of one file's content
	maxRecordBytes = 255
)

// UICC is the file system, the PINs and the toolkit session of one card. What is
// not in the machine's memory is lost by Boot. Not for concurrent use; its
// methods are for commands under way, within vm.Machine.Try.
type UICC struct {
	cfg     Config
	machine *vm.Machine
	engines *engine.Engines
	files   []file // as the memory says; read again by Boot
	pins    vm.Ref // the PIN array
	keys    []key  // what of it never changes

	verified uint32 // bits by index in keys
	channels [channelCount]session
	kit      toolkit
	auth     vm.Ref // keys of AUTHENTICATE; vm.Null: none

	rule   [maxRecordBytes]byte // scratch: a record of EF ARR
	record [maxRecordBytes]byte // scratch: a record
	spare  [maxRecordBytes]byte // scratch: another one
}

// New makes a UICC. It has no memory yet: see Boot.
func New(cfg Config) (*UICC, error) {
	if cfg.Chip == nil {
		return nil, errors.New("usim: Config lacks Chip")
	}
	if cfg.RecordKind < runtime.FirstPlatformRecord {
		return nil, fmt.Errorf("usim: records of kind %d, want %d or more", cfg.RecordKind, runtime.FirstPlatformRecord)
	}
	if cfg.Reassembly == (sms.ReassemblerConfig{}) {
		cfg.Reassembly = sms.ReassemblerConfig{Sets: 2, Parts: 8, Age: 32}
	}
	if _, err := sms.NewReassembler(cfg.Reassembly); err != nil {
		return nil, err
	}
	if err := checkFiles(cfg.Files); err != nil {
		return nil, err
	}
	if err := checkPINs(cfg.PINs); err != nil {
		return nil, err
	}
	return &UICC{cfg: cfg}, nil
}

// Boot is to be called by the platform's Booted: what lived in RAM is gone, and
// the files are those in the machine's memory. The first boot of a memory writes
// Config's; a power cut in it leaves no UICC, and the next boot writes again.
// The errors are those of a memory that is full or of another format.
// Spec: SPEC-USIM-003, SPEC-USIM-004.
func (u *UICC) Boot(card *runtime.Card) error {
	u.machine, u.engines = card.Machine(), card.Engines()
	u.verified = 0
	clear(u.channels[:])
	if err := u.resetToolkit(); err != nil {
		return err
	}
	directory, ok := u.machine.Record(u.cfg.RecordKind, nil)
	if !ok {
		var err error
		if directory, err = u.format(); err != nil {
			return err
		}
	}
	defer u.settle()
	return u.read(directory)
}
