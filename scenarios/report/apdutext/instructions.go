package apdutext

import (
	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/uicc"
)

// instruction is what is known of one. Data is shown only where command or response say
// that it is never secret.
type instruction struct {
	name              string
	command, response bool // may be shown
	opens             bool // opens a channel: has MACs, and is not in secure messaging
	says              func(d *Description, c *apdu.Command, response []byte)
}

// interindustry and proprietary are the instructions by class and INS.
var interindustry = map[byte]instruction{
	iso7816.INSSelect:               {name: "SELECT", command: true, response: true, says: selection},
	iso7816.INSReadBinary:           {name: "READ BINARY", says: readBinary},
	iso7816.INSReadRecord:           {name: "READ RECORD", says: record},
	iso7816.INSUpdateBinary:         {name: "UPDATE BINARY", says: written},
	iso7816.INSUpdateRecord:         {name: "UPDATE RECORD", says: record},
	iso7816.INSVerify:               {name: "VERIFY", says: verify},
	jpki.InsChangeReferenceData:     {name: "CHANGE REFERENCE DATA", says: pin},
	jpki.InsResetRetryCounter:       {name: "RESET RETRY COUNTER", says: pin},
	uicc.InsDisablePIN:              {name: "DISABLE PIN", says: pin},
	uicc.InsEnablePIN:               {name: "ENABLE PIN", says: pin},
	iso7816.INSGetChallenge:         {name: "GET CHALLENGE", response: true},
	iso7816.INSInternalAuthenticate: {name: "AUTHENTICATE"},
	iso7816.INSExternalAuthenticate: {name: "EXTERNAL AUTHENTICATE"},
	iso7816.INSManageChannel:        {name: "MANAGE CHANNEL", command: true, response: true, says: manageChannel},
	iso7816.INSGetResponse:          {name: "GET RESPONSE"},
	iso7816.INSEnvelope:             {name: "ENVELOPE"},
	iso7816.INSGetData:              {name: "GET DATA", command: true, response: true, says: getData},
	gp.InsGetDataOdd:                {name: "GET DATA", command: true, response: true, says: getData},
	uicc.InsSearchRecord:            {name: "SEARCH RECORD"},
	uicc.InsActivateFile:            {name: "ACTIVATE FILE"},
	uicc.InsDeactivateFile:          {name: "DEACTIVATE FILE"},
}

var proprietary = map[byte]instruction{
	gp.InsInitializeUpdate:     {name: "INITIALIZE UPDATE", command: true, response: true, says: initializeUpdate},
	gp.InsExternalAuthenticate: {name: "EXTERNAL AUTHENTICATE", command: true, opens: true, says: externalAuthenticate},
	gp.InsInstall:              {name: "INSTALL", command: true, says: install},
	gp.InsLoad:                 {name: "LOAD", says: load},
	gp.InsDelete:               {name: "DELETE", command: true, says: deletion},
	gp.InsStoreData:            {name: "STORE DATA", says: storeData},
	gp.InsPutKey:               {name: "PUT KEY", says: putKey},
	gp.InsSetStatus:            {name: "SET STATUS", command: true, says: setStatus},
	gp.InsGetStatus:            {name: "GET STATUS", command: true, response: true, says: getStatus},
	gp.InsGetData:              {name: "GET DATA", command: true, response: true, says: getData},
	gp.InsGetDataOdd:           {name: "GET DATA", command: true, response: true, says: getData},
	gp.InsBeginRMACSession:     {name: "BEGIN R-MAC SESSION"},
	gp.InsEndRMACSession:       {name: "END R-MAC SESSION"},
	jpki.InsSign:               {name: "SIGN", command: true, response: true, says: sign},
	jpki.InsContactless:        {name: "CONTACTLESS", says: contactless},
	jpki.InsReserved:           {name: "authentication without PIN (reserved)"},
	uicc.InsEnvelope:           {name: "ENVELOPE", says: envelope},
	uicc.InsFetch:              {name: "FETCH"},
	uicc.InsTerminalProfile:    {name: "TERMINAL PROFILE", command: true},
	uicc.InsTerminalResponse:   {name: "TERMINAL RESPONSE"},
	uicc.InsTerminalCapability: {name: "TERMINAL CAPABILITY", command: true},
	uicc.InsIncrease:           {name: "INCREASE"},
	iso7816.INSGetResponse:     {name: "GET RESPONSE"},
	iso7816.INSManageChannel:   {name: "MANAGE CHANNEL", command: true, response: true, says: manageChannel},
}

// find finds a command's instruction.
func find(c *apdu.Command) (instruction, bool) {
	if !apdu.Class(c.CLA).Proprietary() {
		in, ok := interindustry[c.INS]
		return in, ok
	}
	// STATUS of the UICC and GET STATUS of GlobalPlatform differ by P1 alone.
	if c.INS == uicc.InsStatus && c.P1 <= 0x02 {
		return instruction{name: "STATUS", response: true}, true
	}
	in, ok := proprietary[c.INS]
	return in, ok
}
