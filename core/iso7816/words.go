package iso7816

// Status words of ISO/IEC 7816-4:2020 §5.6 and of GlobalPlatform Card
// Specification 2.3.1 §11.1.3, in their standard's terms.
const (
	OK                          SW = 0x9000
	WarningStateUnchanged       SW = 0x6200
	WarningStateChanged         SW = 0x6300
	MoreData                    SW = 0x6310
	WrongLength                 SW = 0x6700
	LogicalChannelNotSupported  SW = 0x6881
	SecureMessagingNotSupported SW = 0x6882
	LastCommandExpected         SW = 0x6883
	ChainingNotSupported        SW = 0x6884
	SecurityStatusNotSatisfied  SW = 0x6982
	AuthenticationBlocked       SW = 0x6983
	ReferenceDataNotUsable      SW = 0x6984
	ConditionsNotSatisfied      SW = 0x6985
	WrongData                   SW = 0x6A80
	FunctionNotSupported        SW = 0x6A81
	FileNotFound                SW = 0x6A82
	NotEnoughMemory             SW = 0x6A84
	IncorrectP1P2               SW = 0x6A86
	ReferencedDataNotFound      SW = 0x6A88
	INSNotSupported             SW = 0x6D00
	CLANotSupported             SW = 0x6E00
	NoPreciseDiagnosis          SW = 0x6F00
)

var meanings = map[SW]string{
	OK:                          "success",
	WarningStateUnchanged:       "warning, state unchanged",
	WarningStateChanged:         "warning, state changed",
	MoreData:                    "more data available",
	WrongLength:                 "wrong length",
	LogicalChannelNotSupported:  "logical channel not supported",
	SecureMessagingNotSupported: "secure messaging not supported",
	LastCommandExpected:         "last command of the chain expected",
	ChainingNotSupported:        "command chaining not supported",
	SecurityStatusNotSatisfied:  "security status not satisfied",
	AuthenticationBlocked:       "authentication method blocked",
	ReferenceDataNotUsable:      "reference data not usable",
	ConditionsNotSatisfied:      "conditions of use not satisfied",
	WrongData:                   "incorrect parameters in the data field",
	FunctionNotSupported:        "function not supported",
	FileNotFound:                "file or application not found",
	NotEnoughMemory:             "not enough memory space",
	IncorrectP1P2:               "incorrect parameters P1-P2",
	ReferencedDataNotFound:      "referenced data not found",
	INSNotSupported:             "instruction code not supported",
	CLANotSupported:             "class not supported",
	NoPreciseDiagnosis:          "no precise diagnosis",
}

// Meaning is the standard's wording in short, or "" for a status word that
// has none here.
func (sw SW) Meaning() string { return meanings[sw] }
