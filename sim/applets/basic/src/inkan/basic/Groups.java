package inkan.basic;

import javacard.framework.ISO7816;
import javacard.framework.JCSystem;

/**
 * STORE DATA: blocks become data groups, wherever they are cut. C0 of the
 * identifier is fixed, its second byte is the EF. Values go to the application
 * as they come. Spec: SPEC-IDCARD-051.
 */
final class Groups {
	private static final byte INS_STORE_DATA = (byte) 0xE2;
	private static final byte FAMILY = (byte) 0xC0;

	// Registers, in RAM: P2 of the next block, 0 when no sequence is open; what
	// it was before the present block; header bytes that have come, of the data
	// group; first byte of its identifier; EF; length; value bytes that have come.
	private static final short NEXT = 0;
	private static final short EXPECTED = 1;
	private static final short HEADER = 2;
	private static final short FIRST = 3;
	private static final short EF = 4;
	private static final short LENGTH = 5;
	private static final short COUNT = 6;
	private static final short REGISTERS = 7;

	/** HEADER while a value is coming. */
	private static final short IN_VALUE = 5;

	private final BasicApplet applet;
	private final short[] ram;

	Groups(BasicApplet applet) {
		this.applet = applet;
		ram = JCSystem.makeTransientShortArray(REGISTERS, JCSystem.CLEAR_ON_RESET);
	}

	/** Ends the block sequence. */
	void end() {
		ram[NEXT] = 0;
	}

	/** Takes a block: it is the end of the sequence unless it is done without a refusal. */
	void begin() {
		ram[EXPECTED] = ram[NEXT];
		ram[NEXT] = 0;
	}

	/** Executes a block: class, INS, P1, P2, Lc and data, without secure messaging. */
	void block(byte[] b, short offset, short length) {
		short data = (short) (offset + ISO7816.OFFSET_CDATA);
		short end = (short) (offset + length);
		Status.need(length >= ISO7816.OFFSET_CDATA && (b[(short) (offset + ISO7816.OFFSET_LC)] & 0xFF) == (short) (end - data),
				ISO7816.SW_WRONG_LENGTH);
		Status.need(b[(short) (offset + ISO7816.OFFSET_INS)] == INS_STORE_DATA, ISO7816.SW_INS_NOT_SUPPORTED);
		byte p1 = b[(short) (offset + ISO7816.OFFSET_P1)];
		Status.need((p1 & 0x7E) == 0x08, ISO7816.SW_INCORRECT_P1P2);
		short p2 = (short) (b[(short) (offset + ISO7816.OFFSET_P2)] & 0xFF);
		if (p2 == 0) {
			applet.settle();
			ram[HEADER] = 0;
		} else {
			Status.need(p2 == ram[EXPECTED], ISO7816.SW_INCORRECT_P1P2);
		}
		groups(b, data, end);
		if (p1 >= 0) {
			ram[NEXT] = (short) (p2 + 1);
		} else {
			Status.need(ram[HEADER] == 0, ISO7816.SW_WRONG_DATA);
		}
	}

	private void groups(byte[] b, short at, short end) {
		while (at < end) {
			if (ram[HEADER] < IN_VALUE) {
				header(b[at]);
				at++;
				continue;
			}
			short n = (short) (ram[LENGTH] - ram[COUNT]);
			if (n > (short) (end - at)) {
				n = (short) (end - at);
			}
			applet.put((byte) ram[EF], ram[COUNT], b, at, n);
			ram[COUNT] += n;
			at += n;
			if (ram[COUNT] == ram[LENGTH]) {
				ram[HEADER] = 0;
				applet.finish((byte) ram[EF], ram[LENGTH]);
			}
		}
	}

	/** Takes a byte of identifier or length. */
	private void header(byte v) {
		short value = (short) (v & 0xFF);
		switch (ram[HEADER]++) {
		case 0:
			ram[FIRST] = v;
			return;
		case 1:
			ram[EF] = value;
			return;
		case 2:
			ram[LENGTH] = value;
			if (value == 0xFF) {
				return;
			}
			break;
		case 3:
			ram[LENGTH] = (short) (v << 8);
			return;
		default:
			ram[LENGTH] |= value;
			checkIdentifier();
			Status.need(ram[LENGTH] < 0 || ram[LENGTH] >= 0xFF, ISO7816.SW_WRONG_DATA);
		}
		checkIdentifier();
		Status.need(ram[LENGTH] != 0, ISO7816.SW_WRONG_DATA);
		Status.need(ram[LENGTH] > 0, Status.TOO_LONG);
		applet.checkLength((byte) ram[EF], ram[LENGTH]);
		ram[HEADER] = IN_VALUE;
		ram[COUNT] = 0;
	}

	private void checkIdentifier() {
		Status.need((byte) ram[FIRST] == FAMILY && applet.takes((byte) ram[EF]), Status.NOT_FOUND);
	}
}
