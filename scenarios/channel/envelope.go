package channel

import (
	"inkan/core/apdu"
	"inkan/core/iso7816"
	"inkan/core/scp/scp80"
	"inkan/core/sms"
)

// envelope puts a command packet into one short message, and that into the
// ENVELOPE with which a terminal hands it to the card.
func (e *Exchange) envelope(packet []byte) ([]byte, error) {
	splitter, err := sms.NewSplitter(packet, sms.IEICommandPacket, 0, false, sms.MaxUserData)
	if err != nil {
		return nil, err
	}
	from, err := sms.NewAddress(sms.TypeInternational, "818012345678")
	if err != nil {
		return nil, err
	}
	deliver := sms.NewCommandDeliver(from, [7]byte{0x61, 0x11, 0x22, 0x00, 0x00, 0x00, 0x63}, splitter.Append(nil, 0))
	tpdu, err := deliver.Append(nil)
	if err != nil {
		return nil, err
	}
	download := sms.Download{TPDU: tpdu}
	command := sms.Envelope(download.Append(nil))
	return command.Append(nil)
}

// receive is the card: it takes the packet out of the ENVELOPE, opens it,
// executes it, and answers with a proof of receipt.
func (e *Exchange) receive(card *scp80.Card, envelope []byte, d Direction, name string) ([]byte, error) {
	e.add(d, name, cut(envelope, part{5, "header, Lc"}, part{-1, "SMS-PP download: devices, SMS-DELIVER with the packet"})...)
	packet, err := openEnvelope(envelope)
	if err != nil {
		return nil, err
	}
	status := scp80.StatusOK
	var answer []byte
	if command, _, err := card.Open(nil, packet); err == nil {
		answer = remote(command)
	}
	// After a refusal Respond answers with its cause, whatever status says.
	proof, due, err := card.Respond(nil, status, answer)
	if err == nil && !due {
		err = scp80.ErrProof
	}
	return proof, err
}

// openEnvelope unpacks ENVELOPE, download object, short message and user data.
func openEnvelope(envelope []byte) ([]byte, error) {
	command, err := apdu.DecodeCommand(envelope)
	if err != nil {
		return nil, err
	}
	download, err := sms.DecodeDownload(command.Data)
	if err != nil {
		return nil, err
	}
	deliver, err := sms.DecodeDeliver(download.TPDU)
	if err != nil {
		return nil, err
	}
	_, packet, err := sms.DecodeUserData(deliver.UD)
	return packet, err
}

// remote executes one command in the compact format: number of commands, last
// status word, last data.
func remote(command []byte) []byte {
	c, err := apdu.DecodeCommand(command)
	sw, data := iso7816.OK, []byte{0x42, 0x03, 0x39, 0x28, 0x10}
	if err != nil || c.INS != 0xCA {
		sw, data = iso7816.INSNotSupported, nil
	}
	return append([]byte{1, byte(sw >> 8), byte(sw)}, data...)
}
