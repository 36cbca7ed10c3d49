package inkan.aram;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * STORE DATA commands that belong together: P2 counts them from 0, bit 8 of P1
 * marks the last one, and their data joined is one command data object. It is
 * collected in transient memory, and a command that stands alone is not
 * collected at all.
 */
final class Sequence {
	/** Nobody's: no sequence is under way. */
	static final short NOBODY = 0;
	/** The security domain forwards the commands. */
	static final short DOMAIN = 1;
	/** The commands come to the selected application, in its secure channel. */
	static final short CHANNEL = 2;

	/** How many bytes a command data object that spans several commands may have. */
	private static final short CAPACITY = 512;

	private static final byte LAST = (byte) 0x80;
	private static final byte BER_TLV = (byte) 0x10;
	private static final byte FREE_BITS = (byte) 0x81; // last, and response data may come

	private static final short OWNER = 0;
	private static final short BLOCK = 1;
	private static final short COLLECTED = 2;
	private static final short STATE_SIZE = 3;

	private final short[] state;
	private final byte[] collected;

	Sequence() {
		state = JCSystem.makeTransientShortArray(STATE_SIZE, JCSystem.CLEAR_ON_RESET);
		collected = JCSystem.makeTransientByteArray(CAPACITY, JCSystem.CLEAR_ON_RESET);
	}

	/** Forgets a sequence that is under way. */
	void reset() {
		state[OWNER] = NOBODY;
		state[BLOCK] = 0;
		state[COLLECTED] = 0;
	}

	/** Forgets a sequence that is under way if it is this owner's. */
	void reset(short owner) {
		if (state[OWNER] == owner) {
			reset();
		}
	}

	/**
	 * Takes a command, whose P1 is at offset in b and whose end is given. Tells
	 * whether it was the last one; then data, offset and length are those of
	 * the joined data. Throws 6A86 for P1, 6985 for a command out of order, 6A84
	 * for too much.
	 */
	boolean take(short owner, byte[] b, short offset, short n) {
		byte p1 = b[offset];
		if ((byte) (p1 & ~FREE_BITS) != BER_TLV) {
			ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
		}
		short block = (short) (b[(short) (offset + 1)] & 0xFF);
		if (block == 0) {
			reset();
			state[OWNER] = owner;
		} else if (state[OWNER] != owner || state[BLOCK] != block) {
			ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		}
		boolean last = (p1 & LAST) != 0;
		if (block == 0 && last) {
			return true;
		}
		if (n > (short) (CAPACITY - state[COLLECTED])) {
			ISOException.throwIt(Status.NO_MEMORY);
		}
		Util.arrayCopyNonAtomic(b, (short) (offset + 3), collected, state[COLLECTED], n);
		state[COLLECTED] += n;
		state[BLOCK]++;
		return last;
	}

	/** How many bytes are collected; 0 if the command stood alone. */
	short collected() {
		return state[COLLECTED];
	}

	/** The collected data. */
	byte[] data() {
		return collected;
	}
}
