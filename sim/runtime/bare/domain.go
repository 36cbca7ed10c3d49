package bare

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/tlv"
	"inkan/sim/runtime"
)

// domain is the issuer security domain: a runtime.Resident.
type domain Card

// Name implements runtime.Resident.
func (d *domain) Name() []byte { return gp.AIDIssuerSecurityDomain.Append(nil) }

// Select answers the file control information.
func (d *domain) Select(dst []byte, _ int) ([]byte, iso7816.SW) {
	d.end()
	if d.cfg.SilentSelect {
		return dst, iso7816.OK
	}
	recognition := d.recognition()
	f := gp.FCI{AID: gp.AIDIssuerSecurityDomain, Recognition: recognition.Append(nil), MaxCommandData: apdu.MaxShortData}
	return f.Append(dst), iso7816.OK
}

func (d *domain) recognition() gp.Recognition {
	channel := gp.SecureChannel{Protocol: gp.SCP03, Options: []byte{byte(optionsSCP03)}}
	if d.cfg.SCP == gp.SCP02 {
		channel = gp.SecureChannel{Protocol: gp.SCP02, Options: []byte{byte(optionsSCP02)}}
	}
	return gp.Recognition{Universal: true, Version: []byte{2, 3, 1}, Identification: true, Channels: []gp.SecureChannel{channel}}
}

// Deselect implements runtime.Resident.
func (d *domain) Deselect(int) {
	d.end()
}

// end ends the session and what hangs on it.
func (d *domain) end() {
	d.channel.Close()
	d.loading, d.target = nil, nil
}

// Process answers a command. Those that change the card need an open secure
// channel with at least a C-MAC. Spec: SPEC-RUNTIME-113, SPEC-RUNTIME-120.
func (d *domain) Process(dst []byte, cmd *apdu.Command, raw []byte, _ int) ([]byte, iso7816.SW) {
	if !gp.IsGlobalPlatformClass(cmd.CLA) && !gp.IsInterindustryClass(cmd.CLA) {
		return dst, iso7816.CLANotSupported
	}
	switch cmd.INS {
	case gp.InsInitializeUpdate, gp.InsExternalAuthenticate:
		d.loading, d.target = nil, nil
		return split(dst, d.channel.Handshake(d.answer[:0], raw))
	case gp.InsSelect:
		return dst, iso7816.FileNotFound
	case gp.InsGetData:
		if !d.channel.IsOpen() {
			return d.getData(dst, cmd)
		}
	case gp.InsInstall, gp.InsLoad, gp.InsDelete, gp.InsGetStatus, gp.InsStoreData:
		if !d.channel.IsOpen() || d.channel.Level() == 0 {
			return dst, iso7816.SecurityStatusNotSatisfied
		}
	default:
		return dst, iso7816.INSNotSupported
	}
	return d.secured(dst, raw)
}

// secured unwraps a command, executes it and wraps the response.
func (d *domain) secured(dst, raw []byte) ([]byte, iso7816.SW) {
	plain, err := d.channel.Unwrap(d.plain[:0], raw)
	if err != nil {
		d.end()
		return dst, iso7816.SecurityStatusNotSatisfied
	}
	d.plain = plain
	cmd, err := apdu.DecodeCommand(plain)
	if err != nil {
		return dst, iso7816.WrongLength
	}
	data, sw := d.execute(d.answer[:0], &cmd)
	if !d.channel.IsOpen() { // an applet that was called has ended the session
		d.end()
		return dst, sw
	}
	d.answer = append(data, sw.SW1(), sw.SW2())
	wrapped, err := d.channel.Wrap(nil, d.answer)
	if err != nil {
		return dst, iso7816.SecurityStatusNotSatisfied
	}
	return split(dst, wrapped)
}

// split takes a response APDU apart.
func split(dst, response []byte) ([]byte, iso7816.SW) {
	n := len(response) - 2
	return append(dst, response[:n]...), iso7816.SW(response[n])<<8 | iso7816.SW(response[n+1])
}

func (d *domain) execute(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	var err error
	switch cmd.INS {
	case gp.InsGetData:
		return d.getData(dst, cmd)
	case gp.InsGetStatus:
		return d.getStatus(dst, cmd)
	case gp.InsStoreData:
		return d.storeData(dst, cmd)
	case gp.InsInstall:
		err = d.install(cmd)
	case gp.InsLoad:
		err = d.load(cmd)
	case gp.InsDelete:
		err = d.delete(cmd)
	}
	if err != nil {
		return dst, runtime.StatusOf(err)
	}
	return gp.AppendNoConfirmation(dst), iso7816.OK
}

// getData reads card data (66) and the sequence counter (C1).
func (d *domain) getData(dst []byte, cmd *apdu.Command) ([]byte, iso7816.SW) {
	g, err := gp.DecodeGetData(cmd)
	if err != nil {
		return dst, gp.StatusOf(err)
	}
	switch g.Tag {
	case gp.TagCardData:
		r := d.recognition()
		content := r.Append(nil)
		content = append([]byte{0x73, byte(len(content))}, content...)
		return append(append(dst, 0x66, byte(len(content))), content...), iso7816.OK
	case gp.TagSequenceCounter:
		return gp.AppendCounter(dst, tlv.Tag(gp.TagSequenceCounter), (*counter)(d).Load(), 3), iso7816.OK
	}
	return dst, iso7816.ReferencedDataNotFound
}
