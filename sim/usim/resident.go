package usim

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/uicc"
	"inkan/sim/runtime"
)

// application is an ADF, or with index 0 the MF, as the runtime sees it: all
// share the UICC.
type application struct {
	u   *UICC
	adf int16
}

var (
	_ runtime.Resident        = application{}
	_ runtime.CommandSelector = application{}
)

// Resident finds the application that a SELECT by name means, or nil: an ADF.
func (u *UICC) Resident(aid []byte) runtime.Resident {
	if i := u.byName(aid, 0, none); i != none {
		return application{u, i}
	}
	return nil
}

// Default is the UICC as a reset selects it: the MF.
func (u *UICC) Default() runtime.Resident { return application{u, root} }

// Name is the AID of an ADF; the MF has none.
func (a application) Name() []byte {
	if int(a.adf) < len(a.u.files) {
		return a.u.files[a.adf].aid
	}
	return nil
}

// Select answers a SELECT by name with the FCP template. Spec: SPEC-USIM-049.
func (a application) Select(dst []byte, channel int) ([]byte, iso7816.SW) {
	return a.SelectCommand(dst, nil, channel)
}

// SelectCommand answers a SELECT by name, whose P2 may ask for no data; nil is one
// that asks for the FCP template. Spec: SPEC-USIM-049, SPEC-USIM-056.
func (a application) SelectCommand(dst []byte, cmd *apdu.Command, channel int) ([]byte, iso7816.SW) {
	u := a.u
	if cmd != nil && cmd.P2&0x0C == 0x08 {
		return dst, iso7816.IncorrectP1P2
	}
	u.lookAt()
	u.choose(u.on(channel), a.adf)
	if cmd == nil || cmd.P2&0x0C != uicc.SelectNoData {
		dst = u.appendFCP(dst, &u.files[a.adf])
	}
	u.settle()
	return dst, u.Status(iso7816.OK)
}

// Process implements runtime.Resident.
func (a application) Process(dst []byte, cmd *apdu.Command, _ []byte, channel int) ([]byte, iso7816.SW) {
	return a.u.Process(dst, cmd, channel)
}

// Deselect ends what was selected on a channel. Spec: SPEC-USIM-005.
func (a application) Deselect(channel int) { a.u.channels[channel] = session{} }

// OpenChannel gives a logical channel that is opened from another what is selected
// there: the current directory and the active application. From the basic channel
// it gets the MF. Spec: SPEC-USIM-005.
func (u *UICC) OpenChannel(from, opened int) {
	s := &u.channels[opened]
	if s.begin(root, none); from != 0 {
		s.begin(u.on(from).directory, u.on(from).application)
	}
}
