package clock

// Cause says what a cycle was spent on. There is no cause called other: a
// cycle that fits none of these needs a cause of its own.
type Cause uint8

// Causes, in the order in which reports print them.
const (
	Boot       Cause = iota // start-up code after reset, up to the ATR
	Dispatch                // the card's own command dispatch and APDU buffer handling
	Bytecode                // execution of bytecodes
	Memory                  // wait states of instruction and data fetches from NVM
	Firewall                // object access checks
	Native                  // entry, exit and plain work of API methods
	Linking                 // linking and verification of load files
	Collect                 // garbage collection
	NVMErase                // page erase
	NVMProgram              // page program
	ModExp                  // modular-arithmetic engine
	AES                     // AES engine
	DES                     // DES engine
	Hash                    // hash engine
	Random                  // true random generator
	Line                    // serial line: characters, guard time, waiting for the terminal
	Idle                    // powered and waiting, clock running
	CauseCount              // number of causes
)

var causeNames = [CauseCount]string{
	Boot: "boot", Dispatch: "dispatch", Bytecode: "bytecode", Memory: "memory",
	Firewall: "firewall", Native: "native", Linking: "linking", Collect: "collect",
	NVMErase: "nvm-erase", NVMProgram: "nvm-program", ModExp: "modexp", AES: "aes",
	DES: "des", Hash: "hash", Random: "random", Line: "line", Idle: "idle",
}

// String is the cause's name in reports.
func (c Cause) String() string {
	if c < CauseCount {
		return causeNames[c]
	}
	return "invalid cause"
}
