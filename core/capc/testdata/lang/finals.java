// accepted
package inkan.lang.finals;

public class Case {
    static short trace;

    static short f(short a, byte[] b) {
        try {
            try {
                if (a == 1) return b[0];
                if (a == 2) throw new ArithmeticException();
            } finally {
                trace += 1;
            }
            a = 9;
        } catch (ArithmeticException e) {
            a = 7;
        } catch (NullPointerException | ArrayIndexOutOfBoundsException e) {
            a = 8;
        } finally {
            trace += 10;
        }
        outer:
        for (short i = 0; ; i++) {
            for (short j = 0; j < 4; j++) {
                if (j == a) continue outer;
                if (i == 3) break outer;
            }
            do { a--; } while (a > 5);
        }
        return a;
    }
}
