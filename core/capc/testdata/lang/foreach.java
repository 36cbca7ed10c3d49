// accepted
package inkan.lang.foreach;

public class Case {
    static short sum(byte[] b, short[] s, Object[] o) {
        short r = 0;
        for (byte x : b) r += x;
        if (r > 5) {
            for (short x : s) { if (x == 3) continue; r += x; }
        } else {
            for (Object x : o) if (x == null) break; else r++;
        }
        for (byte x : b) for (byte y : b) r += x == y ? (short) 1 : (short) 0;
        return r;
    }
}
