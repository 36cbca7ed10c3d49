package gp

import (
	"fmt"

	"inkan/core/wire"
)

// UICCParameters is the value of EA: what the UICC's toolkit and file system
// grant an application (ETSI TS 102 226 §8.2.1.3.2.2).
type UICCParameters struct {
	Toolkit     []byte // 80: ToolkitParameters (DecodeUICCToolkit)
	Access      []byte // 81: access rules (DecodeAccessRules)
	AdminAccess []byte // 82: access rules for administration
	Others
}

var uiccTable = []paramField[UICCParameters]{
	bytesField(0x80, func(p *UICCParameters) *[]byte { return &p.Toolkit }),
	bytesField(0x81, func(p *UICCParameters) *[]byte { return &p.Access }),
	bytesField(0x82, func(p *UICCParameters) *[]byte { return &p.AdminAccess }),
}

func decodeUICCParameters(p *UICCParameters, value []byte, offset int) error {
	return decodeParams(p, &p.Others, uiccTable, value, offset, "EA")
}

// Append appends the value of EA.
func (p *UICCParameters) Append(dst []byte) ([]byte, error) {
	return appendParams(dst, p, &p.Others, uiccTable)
}

// MenuEntry is a reserved place in the SIM menu: position (00: last) and
// identifier (00: any).
type MenuEntry struct{ Position, ID byte }

// ToolkitParameters is what a toolkit application asks for.
type ToolkitParameters struct {
	Priority      byte // 01 highest, FF lowest
	MaxTimers     byte
	MaxTextLen    byte // longest menu entry, bytes
	Menu          []MenuEntry
	MaxChannels   byte
	SecurityLevel []byte // minimum security level field; 01 and an SPI1 in practice
	TARs          [][3]byte
	MaxServices   byte
	fields        byte // which of the fields after Menu were there; see toolkitXxx
}

// Fields after the menu may be left out from the end. The zero value of fields
// means all that the form has.
const (
	toolkitMenu byte = iota + 1
	toolkitChannels
	toolkitSecurity
	toolkitTARs
	toolkitServices
)

const formatToolkit = "toolkit parameters"

func (p *ToolkitParameters) append(dst []byte, form byte) ([]byte, error) {
	if len(p.Menu) > 127 || len(p.SecurityLevel) > 127 || len(p.TARs) > 42 {
		return dst, fmt.Errorf("gp: toolkit parameters: a field is too long")
	}
	last := form
	if p.fields != 0 {
		last = min(p.fields, form)
	}
	last = max(last, p.lastUsed(form))
	dst = append(dst, p.Priority, p.MaxTimers, p.MaxTextLen, byte(len(p.Menu)))
	for _, m := range p.Menu {
		dst = append(dst, m.Position, m.ID)
	}
	if last >= toolkitChannels {
		dst = append(dst, p.MaxChannels)
	}
	if last >= toolkitSecurity {
		dst = append(append(dst, byte(len(p.SecurityLevel))), p.SecurityLevel...)
	}
	if last >= toolkitTARs {
		dst = append(dst, byte(3*len(p.TARs)))
		for _, t := range p.TARs {
			dst = append(dst, t[:]...)
		}
	}
	if last >= toolkitServices {
		dst = append(dst, p.MaxServices)
	}
	return dst, nil
}

// lastUsed is the last field of the form that has a value.
func (p *ToolkitParameters) lastUsed(form byte) byte {
	switch {
	case p.MaxServices != 0 && form >= toolkitServices:
		return toolkitServices
	case len(p.TARs) > 0:
		return toolkitTARs
	case len(p.SecurityLevel) > 0:
		return toolkitSecurity
	case p.MaxChannels != 0:
		return toolkitChannels
	}
	return toolkitMenu
}

// read reads the fields up to the last one of form; all after the menu may be
// left out from the end. Spec: SPEC-GP-CONTENT-086, SPEC-GP-CONTENT-087.
func (p *ToolkitParameters) read(r *wire.Reader, form byte) {
	p.Priority = r.Byte("priority")
	p.MaxTimers = r.Byte("timers")
	p.MaxTextLen = r.Byte("text length")
	menu := r.Bytes(2*int(r.Byte("menu entries")), "menu entries")
	for ; len(menu) > 0; menu = menu[2:] {
		p.Menu = append(p.Menu, MenuEntry{menu[0], menu[1]})
	}
	p.fields = toolkitMenu
	if form >= toolkitChannels && r.More() {
		p.MaxChannels = r.Byte("channels")
		p.fields = toolkitChannels
	}
	if form >= toolkitSecurity && r.More() {
		p.SecurityLevel = r.LV("security level")
		p.fields = toolkitSecurity
	}
	if form >= toolkitTARs && r.More() {
		offset := r.Offset()
		tars := r.LV("TAR")
		if r.Err() == nil && len(tars)%3 != 0 {
			r.FailAt(offset, "TAR", "three bytes for each TAR", fmt.Sprint(len(tars)))
			return
		}
		for ; len(tars) > 0; tars = tars[3:] {
			p.TARs = append(p.TARs, [3]byte(tars))
		}
		p.fields = toolkitTARs
	}
	if form >= toolkitServices && r.More() {
		p.MaxServices = r.Byte("services")
		p.fields = toolkitServices
	}
}

// DecodeUICCToolkit reads the value of EA/80. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-086.
func DecodeUICCToolkit(b []byte) (ToolkitParameters, error) {
	r := wire.NewReader(formatToolkit, b)
	var p ToolkitParameters
	p.read(&r, toolkitServices)
	return p, r.End()
}

// AppendUICC appends the value of EA/80.
func (p *ToolkitParameters) AppendUICC(dst []byte) ([]byte, error) {
	return p.append(dst, toolkitServices)
}

// SIMParameters is the value of EF/CA: file access and toolkit parameters of
// older cards (ETSI TS 102 226 §8.2.1.3.2.1).
type SIMParameters struct {
	AccessDomain []byte // 00 full access, 01 by APDU access conditions, FF none; more bytes for others
	ToolkitParameters
}

// DecodeSIMParameters reads the value of EF/CA. Errors are *wire.DecodeError.
// Spec: SPEC-GP-CONTENT-087.
func DecodeSIMParameters(b []byte) (SIMParameters, error) {
	r := wire.NewReader(formatToolkit, b)
	p := SIMParameters{AccessDomain: r.LV("access domain")}
	p.read(&r, toolkitTARs)
	return p, r.End()
}

// Append appends the value of EF/CA.
func (p *SIMParameters) Append(dst []byte) ([]byte, error) {
	if len(p.AccessDomain) > 127 {
		return dst, fmt.Errorf("gp: access domain of %d bytes", len(p.AccessDomain))
	}
	dst = append(append(dst, byte(len(p.AccessDomain))), p.AccessDomain...)
	return p.append(dst, toolkitTARs)
}

// AccessRule grants an application access to one file system.
type AccessRule struct {
	ADF    AID    // zero: the UICC shared file system
	Domain []byte // access domain parameter: 00 full access, 01, 02 …, FF none; then its data
	DAP    []byte // access domain signature; empty: none
}

// DecodeAccessRules reads the value of EA/81 or EA/82. Errors are
// *wire.DecodeError. Spec: SPEC-GP-CONTENT-088.
func DecodeAccessRules(b []byte) ([]AccessRule, error) {
	r := wire.NewReader("access rules", b)
	var rules []AccessRule
	for r.More() {
		rule := AccessRule{ADF: readOptionalAID(&r, "AID")}
		offset := r.Offset()
		rule.Domain = r.LV("access domain")
		if r.Err() == nil && len(rule.Domain) == 0 {
			r.FailAt(offset, "access domain", "an access domain parameter", "none")
		}
		rule.DAP = r.LV("DAP")
		rules = append(rules, rule)
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return rules, nil
}

// AppendAccessRules appends the value of EA/81 or EA/82.
func AppendAccessRules(dst []byte, rules []AccessRule) ([]byte, error) {
	from := len(dst)
	for _, rule := range rules {
		if len(rule.Domain) == 0 || len(rule.Domain) > 255 || len(rule.DAP) > 255 {
			return dst[:from], fmt.Errorf("gp: access rule of %v: domain of %d bytes, DAP of %d", rule.ADF, len(rule.Domain), len(rule.DAP))
		}
		dst = rule.ADF.AppendLV(dst)
		dst = append(append(dst, byte(len(rule.Domain))), rule.Domain...)
		dst = append(append(dst, byte(len(rule.DAP))), rule.DAP...)
	}
	return dst, nil
}
