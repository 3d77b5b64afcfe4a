@echo off
rem Builds the tool in Release when a source is newer than the build, then runs it: the script "effnet" for Windows.
setlocal
set "root=%~dp0"
set "tool=%root%src\EfficientNetSharp.Cli\bin\Release\net10.0\effnet.dll"
if not exist "%tool%" goto build

rem Paths go to PowerShell as variables: no character in them needs quoting. It ends with 1 where something is newer.
powershell -NoProfile -NonInteractive -Command ^
    "$built = (Get-Item -LiteralPath $env:tool).LastWriteTimeUtc;" ^
    "$kinds = '.cs', '.csproj', '.props', '.targets', '.proto', '.css', '.json';" ^
    "$sources = @('src', 'eng', 'recipes' | ForEach-Object { Get-ChildItem -LiteralPath ($env:root + $_) -Recurse -File })" ^
    "+ @(Get-ChildItem -LiteralPath $env:root -Filter 'Directory.*.props');" ^
    "$newer = $sources | Where-Object {" ^
    "$_.LastWriteTimeUtc -gt $built -and $kinds -contains $_.Extension -and $_.FullName -notlike '*\obj\*' };" ^
    "if ($newer) { exit 1 }"
if errorlevel 1 goto build
goto run

:build
where dotnet >nul 2>nul
if errorlevel 1 goto nosdk
echo effnet: building (once) 1>&2
set "log=%TEMP%\effnet-build-%RANDOM%.log"
dotnet build "%root%src\EfficientNetSharp.Cli" -c Release -v quiet --nologo >"%log%" 2>&1
if errorlevel 1 goto failed
del "%log%"
powershell -NoProfile -NonInteractive -Command "(Get-Item -LiteralPath $env:tool).LastWriteTimeUtc = [DateTime]::UtcNow"

:run
dotnet "%tool%" %*
exit /b %errorlevel%

:failed
type "%log%" 1>&2
del "%log%"
exit /b 1

:nosdk
echo effnet: the .NET 10 SDK is needed; see https://dotnet.microsoft.com/download 1>&2
exit /b 1
