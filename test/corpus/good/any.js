// Stands for any script that squall did not write.
export default function () {}
