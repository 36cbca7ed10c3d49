package iso7816

// Status words of ISO/IEC 7816-4:2020 §5.6, of GlobalPlatform Card
// Specification 2.3.1 §11.1.3 (6310, 9484, 9485), of ETSI TS 102 221 §10.2
// (9300, 9862) and of the Java Card runtime (6999), in their standard's terms.
// Spec: SPEC-APDU-053.
const (
	OK                              SW = 0x9000
	WarningStateUnchanged           SW = 0x6200
	ReturnedDataCorrupted           SW = 0x6281
	EndOfFile                       SW = 0x6282
	FileDeactivated                 SW = 0x6283
	FileControlNotFormatted         SW = 0x6284
	FileTerminated                  SW = 0x6285
	NoSensorInput                   SW = 0x6286
	RecordDeactivated               SW = 0x6287
	WarningStateChanged             SW = 0x6300
	MoreData                        SW = 0x6310
	FileFilled                      SW = 0x6381
	ExecutionError                  SW = 0x6400
	ImmediateResponseRequired       SW = 0x6401
	ExecutionErrorStateChanged      SW = 0x6500
	MemoryFailure                   SW = 0x6581
	SecurityIssue                   SW = 0x6600
	WrongLength                     SW = 0x6700
	WrongAPDUFormat                 SW = 0x6701
	WrongLc                         SW = 0x6702
	CLAFunctionNotSupported         SW = 0x6800
	LogicalChannelNotSupported      SW = 0x6881
	SecureMessagingNotSupported     SW = 0x6882
	LastCommandExpected             SW = 0x6883
	ChainingNotSupported            SW = 0x6884
	CommandNotAllowed               SW = 0x6900
	FileStructureIncompatible       SW = 0x6981
	SecurityStatusNotSatisfied      SW = 0x6982
	AuthenticationBlocked           SW = 0x6983
	ReferenceDataNotUsable          SW = 0x6984
	ConditionsNotSatisfied          SW = 0x6985
	NoCurrentFile                   SW = 0x6986
	SecureMessagingObjectsMissing   SW = 0x6987
	SecureMessagingObjectsIncorrect SW = 0x6988
	AppletSelectFailed              SW = 0x6999
	WrongParameters                 SW = 0x6A00
	WrongData                       SW = 0x6A80
	FunctionNotSupported            SW = 0x6A81
	FileNotFound                    SW = 0x6A82
	RecordNotFound                  SW = 0x6A83
	NotEnoughMemory                 SW = 0x6A84
	LcInconsistentWithTLV           SW = 0x6A85
	IncorrectP1P2                   SW = 0x6A86
	LcInconsistentWithP1P2          SW = 0x6A87
	ReferencedDataNotFound          SW = 0x6A88
	FileExists                      SW = 0x6A89
	DFNameExists                    SW = 0x6A8A
	WrongP1P2                       SW = 0x6B00
	INSNotSupported                 SW = 0x6D00
	CLANotSupported                 SW = 0x6E00
	NoPreciseDiagnosis              SW = 0x6F00
	ToolkitBusy                     SW = 0x9300
	AlgorithmNotSupported           SW = 0x9484
	InvalidKeyCheckValue            SW = 0x9485
	WrongMAC                        SW = 0x9862
)

var meanings = map[SW]string{
	OK:                              "success",
	WarningStateUnchanged:           "warning, state unchanged",
	ReturnedDataCorrupted:           "part of the returned data may be corrupted",
	EndOfFile:                       "end of file or record reached before Ne bytes",
	FileDeactivated:                 "selected file deactivated, or card locked",
	FileControlNotFormatted:         "file control information badly formatted",
	FileTerminated:                  "selected file in termination state",
	NoSensorInput:                   "no input from a sensor",
	RecordDeactivated:               "a referenced record is deactivated",
	WarningStateChanged:             "warning, state changed",
	MoreData:                        "more data available",
	FileFilled:                      "file filled up by the last write",
	ExecutionError:                  "execution error, state unchanged",
	ImmediateResponseRequired:       "immediate response required by the card",
	ExecutionErrorStateChanged:      "execution error, state changed",
	MemoryFailure:                   "memory failure",
	SecurityIssue:                   "security-related issue",
	WrongLength:                     "wrong length",
	WrongAPDUFormat:                 "command APDU format not compliant",
	WrongLc:                         "Lc is not the expected one",
	CLAFunctionNotSupported:         "function in the class byte not supported",
	LogicalChannelNotSupported:      "logical channel not supported",
	SecureMessagingNotSupported:     "secure messaging not supported",
	LastCommandExpected:             "last command of the chain expected",
	ChainingNotSupported:            "command chaining not supported",
	CommandNotAllowed:               "command not allowed",
	FileStructureIncompatible:       "command incompatible with the file structure",
	SecurityStatusNotSatisfied:      "security status not satisfied",
	AuthenticationBlocked:           "authentication method blocked",
	ReferenceDataNotUsable:          "reference data not usable",
	ConditionsNotSatisfied:          "conditions of use not satisfied",
	NoCurrentFile:                   "command not allowed, no current file",
	SecureMessagingObjectsMissing:   "secure messaging data objects missing",
	SecureMessagingObjectsIncorrect: "secure messaging data objects incorrect",
	AppletSelectFailed:              "applet selection failed",
	WrongParameters:                 "wrong parameters P1-P2",
	WrongData:                       "incorrect parameters in the data field",
	FunctionNotSupported:            "function not supported",
	FileNotFound:                    "file or application not found",
	RecordNotFound:                  "record not found",
	NotEnoughMemory:                 "not enough memory space",
	LcInconsistentWithTLV:           "Lc inconsistent with the TLV structure",
	IncorrectP1P2:                   "incorrect parameters P1-P2",
	LcInconsistentWithP1P2:          "Lc inconsistent with P1-P2",
	ReferencedDataNotFound:          "referenced data not found",
	FileExists:                      "file already exists",
	DFNameExists:                    "DF name already exists",
	WrongP1P2:                       "wrong parameters P1-P2",
	INSNotSupported:                 "instruction code not supported",
	CLANotSupported:                 "class not supported",
	NoPreciseDiagnosis:              "no precise diagnosis",
	ToolkitBusy:                     "toolkit busy",
	AlgorithmNotSupported:           "algorithm not supported",
	InvalidKeyCheckValue:            "invalid key check value",
	WrongMAC:                        "authentication error, incorrect MAC",
}

// families is the meaning of status words that have none of their own.
var families = []struct {
	Pattern
	meaning string
}{
	{BytesRemaining, "response bytes remaining"},
	{Counter, "tries left"},
	{Pattern{0x6200, 0xFF00}, "warning, state unchanged"},
	{Pattern{0x6300, 0xFF00}, "warning, state changed"},
	{Execution64, "execution error, state unchanged"},
	{Execution65, "execution error, state changed"},
	{Pattern{0x6600, 0xFF00}, "security-related issue"},
	{Length67, "wrong length"},
	{Class68, "function in the class byte not supported"},
	{NotAllowed69, "command not allowed"},
	{Parameters6A, "wrong parameters"},
	{WrongLe, "wrong Le, right value in SW2"},
	{Pattern{0x6F00, 0xFF00}, "no precise diagnosis"},
	{Proactive, "success, proactive command pending"},
	{Pattern{0x9200, 0xFF00}, "success, data transfer session in progress"},
}

// Meaning is the standard's wording in short, or "" for a status word that
// has none here.
func (sw SW) Meaning() string {
	if m, ok := meanings[sw]; ok {
		return m
	}
	for _, f := range families {
		if f.Matches(sw) {
			return f.meaning
		}
	}
	return ""
}
