package uiapp

import (
	"inkan/core/iso7816"
	"inkan/sim/handset/fault"
)

var faultReasons = map[fault.Code]reason{
	fault.SIMSilent: "sim-silent", fault.SIMRefused: "sim-locked-device", fault.PINNeeded: "sim-pin", fault.SIMUnread: "sim-silent", fault.SIMChanged: "sim-changed",
	fault.SwitchedOff: "device-off", fault.NoCoverage: "no-coverage", fault.NoConnection: "no-connection", fault.UnknownNumber: "number-unknown", fault.Interrupted: "no-connection",
	fault.NoOMAPI: "device-unsupported", fault.AccessDenied: "app-denied", fault.NoChannel: "channel-busy", fault.NoApplication: "not-issued", fault.Forbidden: "app-fault",
	fault.Closed: "card-failed", fault.BasicChannel: "app-fault", fault.RulesUnread: "card-failed", fault.WrongArgument: "app-fault",
	fault.NoNFC: "nfc-none", fault.NFCOff: "nfc-off", fault.ScreenRule: "screen", fault.FieldBusy: "field", fault.NoTechnology: "nfc-none", fault.FieldLost: "field",
	fault.NotNow: "not-now", fault.CodeMismatch: "code-wrong", fault.WrongOrigin: "origin", fault.RequestMalformed: "request", fault.RequestExpired: "request-expired",
	fault.PINForm: "pin-form", fault.PINWrong: "pin-wrong", fault.PINBlocked: "pin-blocked", fault.CertificateExpired: "expired", fault.CardUnread: "card-unread",
	fault.CardPINWrong: "card-pin-wrong", fault.CardPINBlocked: "card-pin-blocked", fault.ReplyRefused: "reply", fault.DeviceUnsupported: "device-unsupported",
	fault.Cancelled: "cancelled", fault.Suspended: "on-hold", fault.NotIssued: "not-issued", fault.ServerUnreached: "service-unreached", fault.CardPINLastTry: "card-pin-last",
}

// codeReasons is by the codes of spec/TSM-PROTOCOL.md.
var codeReasons = map[string]reason{
	"too-large": "service-failed", "unknown-key": "service-failed", "request-signature": "service-failed", "malformed-request": "service-failed",
	"version-not-supported": "app-fault", "unknown-function": "app-fault", "wrong-recipient": "service-failed", "not-authorised": "service-failed",
	"call-conflict": "service-failed", "call-in-progress": "service-busy", "request-expired": "start-again", "sent-in-the-future": "service-busy",
	"overloaded": "service-busy", "internal-error": "service-failed",

	"application-malformed": "app-fault", "application-signature": "card-wrong", "signer-unknown": "card-wrong", "signer-revoked": "card-revoked",
	"signer-suspended": "card-on-hold", "signer-expired": "card-revoked", "application-stale": "start-again", "application-replayed": "start-again",
	"application-code": "code-wrong", "sim-presence": "sim-other", "person-not-eligible": "person", "person-changed": "person-changed",
	"application-open": "open", "rate-limited": "limited", "unknown-application": "start-again", "application-purpose": "start-again", "application-used": "start-again",

	"sim-mismatch": "sim-other", "attestation-key-unknown": "sim-unsupported", "unknown-order": "start-again", "order-closed": "start-again", "order-expired": "start-again",
	"counter-exhausted": "sim-unsupported", "statement-malformed": "card-failed", "statement-mismatch": "card-failed", "attestation-invalid": "sim-unsupported",
	"point-invalid": "card-failed", "key-statements": "card-failed", "proof-invalid": "card-failed", "modulus-refused": "card-failed", "receipt-invalid": "card-failed",
	"pending-expired": "void",

	"unknown-phone": "not-issued", "wrong-holder": "holder-other", "wrong-state": "not-now", "ground-insufficient": "service-failed", "challenge-mismatch": "start-again",

	"unknown-person": "person", "unknown-card": "card-wrong", "not-resident": "person", "card-not-in-force": "card-revoked", "card-on-hold": "card-on-hold",
	"term-over": "card-revoked", "certificate-request": "service-failed",

	"unknown-se": "sim-unsupported", "unknown-device": "device-unsupported", "unknown-subscriber": "contract", "subscriber-changed": "contract",
	"unknown-service": "contract", "not-eligible": "contract", "model-not-offered": "service-failed", "not-in-model": "service-failed",
	"reference-used": "service-failed", "service-present": "present", "unknown-reference": "start-again", "action-in-progress": "open",
	"unknown-action": "start-again", "aid-not-permitted": "service-failed", "load-file-unknown": "service-failed", "load-file-refused": "service-failed",
	"se-memory": "sim-full", "no-bearer": "no-connection", "no-controlling-authority": "sim-unsupported", "template-malformed": "service-failed",
	"token-refused": "service-failed", "unknown-conversation": "service-failed", "conversation-over": "service-failed", "script-order": "service-failed",
	"script-too-long": "service-failed", "audit-pending": "service-busy",

	"unknown-session": "start-again", "unknown-ticket": "start-again", "carrier-unreachable": "service-busy",
}

// deviceReasons is by the words of device.Reason and of the protocol's eligibility.
var deviceReasons = map[string]reason{
	"no-ui-app": "device-unsupported", "no-omapi": "device-unsupported", "no-bearer": "device-unsupported", "no-card-nfc": "nfc-none", "no-reader-nfc": "device-unsupported",
	"old-system": "device-old", "withdrawn": "device-old", "sim-slot": "device-slot", "unknown-device": "device-unsupported",
	"unknown-se": "sim-unsupported", "se-unsupported": "sim-unsupported", "se-blocked": "sim-blocked", "se-memory": "sim-full",
	"unknown-subscription": "contract", "subscription-suspended": "contract", "subscription-ended": "contract", "user-not-permitted": "contract",
	"service-not-offered": "contract", "service-present": "present",
}

var statusReasons = map[iso7816.SW]reason{
	iso7816.SecurityStatusNotSatisfied: "not-now", iso7816.AuthenticationBlocked: "pin-blocked", iso7816.ReferenceDataNotUsable: "pin-blocked",
	iso7816.ConditionsNotSatisfied: "not-now", iso7816.AppletSelectFailed: "channel-busy", iso7816.NotEnoughMemory: "sim-full",
	iso7816.FileNotFound: "not-issued", iso7816.ReferencedDataNotFound: "not-issued", iso7816.WrongData: "command-refused",
	iso7816.WrongLength: "command-refused", iso7816.IncorrectP1P2: "command-refused", iso7816.LcInconsistentWithP1P2: "command-refused",
	iso7816.LcInconsistentWithTLV: "command-refused", iso7816.WrongP1P2: "command-refused",
	iso7816.LogicalChannelNotSupported: "channel-busy", iso7816.ToolkitBusy: "service-busy", iso7816.FunctionNotSupported: "sim-unsupported",
	iso7816.INSNotSupported: "sim-unsupported", iso7816.CLANotSupported: "sim-unsupported",
}

var statusPatterns = []struct {
	pattern iso7816.Pattern
	reason  reason
}{{iso7816.Counter, "pin-wrong"}, {iso7816.Execution65, "sim-blocked"}}
