package usim

import (
	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/clock"
)

// Weights of the UICC's own work, in calls of an API method (CPU.NativeCall).
const (
	commandCalls = 1 // one command
	ruleCalls    = 1 // evaluating an access rule
	pinCalls     = 1 // one presentation of a PIN
)

// work charges calls, and bytes that are moved or compared.
func (u *UICC) work(calls, bytes int) {
	p := &u.cfg.Chip.CPU
	u.machine.Clock().Advance(clock.Native, uint64(calls)*p.NativeCall+uint64(bytes)*p.NativeByte)
}

// lookAt charges finding a file: the directory is looked through.
func (u *UICC) lookAt() {
	u.machine.Clock().Advance(clock.Memory, uint64(len(u.files))*uint64(u.cfg.Chip.CPU.DataAccess))
}

// keysOf are the rights that a session has.
func (u *UICC) keysOf(s *session) uicc.Keys {
	if s.rights != nil {
		return s.rights
	}
	return u
}

// Verified implements uicc.Keys for the terminal's sessions: the key was verified
// since the last reset, or verification is disabled.
func (u *UICC) Verified(reference uicc.KeyReference) bool {
	i := u.key(reference)
	return i >= 0 && (u.verified>>i&1 != 0 || !u.pin(i).enabled())
}

// allowed evaluates the access rule of a file for a session.
// Spec: SPEC-USIM-023, SPEC-USIM-024.
func (u *UICC) allowed(s *session, f *file, op uicc.Operation) bool {
	u.work(ruleCalls, 0)
	if f.arr == none {
		return false
	}
	arr := &u.files[f.arr]
	n := int(f.rule.Record)
	if arr.structure != uicc.LinearFixed || n < 1 || n > arr.records {
		return false
	}
	rule := u.rule[:arr.recordBytes]
	u.machine.ReadBytes(arr.body, bodyContent+(n-1)*arr.recordBytes, rule)
	u.work(0, len(rule))
	return uicc.Allows(rule, op, u.keysOf(s))
}

// state is the life cycle status of an EF.
func (u *UICC) state(f *file) uicc.LifeCycle {
	if f.body == 0 {
		return uicc.Activated
	}
	b := u.spare[:1]
	u.machine.ReadBytes(f.body, bodyState, b)
	return uicc.LifeCycle(b[0])
}

// target finds the EF that a command works on: by a short file identifier, which
// makes it the current one if the command succeeds so far, or the current one. It
// has to have one of the structures, be activated, and allow the operation.
// Spec: SPEC-USIM-061, SPEC-USIM-062, SPEC-USIM-063, SPEC-USIM-064.
func (u *UICC) target(s *session, sfi uicc.SFI, op uicc.Operation, structures ...uicc.Structure) (*file, iso7816.SW) {
	i := s.file
	if sfi != 0 {
		u.lookAt()
		if i = u.bySFI(s.directory, sfi); i == none {
			return nil, iso7816.FileNotFound
		}
	}
	if i == none {
		return nil, iso7816.NoCurrentFile
	}
	f := &u.files[i]
	fits := false
	for _, structure := range structures {
		fits = fits || f.structure == structure
	}
	switch {
	case !fits:
		return nil, iso7816.FileStructureIncompatible
	case !u.allowed(s, f, op):
		return nil, iso7816.SecurityStatusNotSatisfied
	case u.state(f) != uicc.Activated:
		return nil, iso7816.ReferenceDataNotUsable
	}
	if sfi != 0 {
		s.file, s.record = i, 0
	}
	return f, iso7816.OK
}
